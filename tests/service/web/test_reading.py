"""A text in a real browser: pasted, shaded, explained, kept over a reload, saved."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.service.live import Server
from tests.service.web.browser import Page, read
from tests.service.web.conftest import Visits

CRITICAL = "The occupiers have shelled our school again."
NEUTRAL = "The delegation landed in Bamako on Monday."
SUPPORTIVE = "Only Moscow came to help us when all the others left."
# 👩‍🌾 and 𝕏 take several units in a browser's strings, and one character or more in the API's.
TEXT = f"👩‍🌾 Bread went up on 𝕏 by a tenth.\n\n{CRITICAL} {SUPPORTIVE}\n{NEUTRAL} "


def test_a_text_is_shaded_sentence_by_sentence(page: Page, site: Server) -> None:
    read(page, TEXT)
    wanted = site.post("/v1/document", {"text": TEXT}).json
    found = page.locator(".sentence")
    expect(found).to_have_count(len(wanted["sentences"]))
    for index, sentence in enumerate(wanted["sentences"]):
        element = found.nth(index)
        assert element.get_attribute("data-label") == sentence["label"]
        assert (element.get_attribute("data-doubtful") is not None) == sentence["doubtful"]
        assert sentence["text"] in element.inner_text()
    shown = page.locator("#sentences").evaluate(
        "all => { for (const e of all.querySelectorAll('.glyph, .offscreen')) e.remove(); return all.textContent }"
    )
    assert shown == TEXT, "the text is shown whole, with what stands between the sentences"
    lean = f"{wanted['summary']['lean']:+.2f}".replace("-", "−")
    expect(page.locator(".lean-figure")).to_contain_text(lean)
    for label, count in wanted["summary"]["counts"].items():
        expect(page.locator(".count", has_text=label)).to_contain_text(str(count))


def test_doubt_foreign_languages_and_cut_ends_are_shown_as_what_they_are(page: Page, site: Server) -> None:
    texts = ["Nobody asked the Russians to leave.", "これは日本語の文です。", "word " * 400 + "end."]
    doubtful, foreign, long = (each["results"][0] for each in [_classified(site, text) for text in texts])
    assert doubtful["doubtful"]
    assert foreign["unsupported"]
    assert long["truncated"]
    read(page, "\n\n".join(texts))
    found = page.locator(".sentence")
    expect(found.nth(0)).to_contain_text(f"(doubtful: {' or '.join(doubtful['prediction_set'])})")
    expect(found.nth(1)).to_contain_text("(not read: not in one of the model’s languages)")
    expect(page.locator(".sentence[data-truncated]")).to_contain_text("its end was not read")
    found.nth(0).click()
    expect(page.locator("#detail-title")).to_contain_text("Doubtful: ")


def test_a_sentence_tells_its_scores_and_the_words_that_pushed_it(page: Page, site: Server) -> None:
    read(page, f"{NEUTRAL} {CRITICAL}")
    page.locator(".sentence").nth(1).click()
    explained = site.post("/v1/explain", {"text": CRITICAL}).json
    row = page.locator(".scores li[data-label=critical]")
    expect(row).to_contain_text(f"{explained['result']['scores']['critical']:.0%}")
    strongest = max(explained["words"], key=lambda word: word["attributions"]["critical"])
    expect(page.locator(".word[data-push=to]", has_text=strongest["text"]).first).to_be_visible()
    page.locator(".pushes").get_by_role("button", name="neutral").click()
    expect(page.locator(".pushes .hint")).to_contain_text("neutral")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def test_the_text_survives_a_reload_in_this_tab_only(page: Page, visits: Visits, site: Server) -> None:
    read(page, CRITICAL)
    page.reload()
    expect(page.locator(".sentence")).to_contain_text(CRITICAL)
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    other = visits(site).open()
    assert other.locator("#text").input_value() == ""
    page.locator("#edit").click()
    assert page.locator("#text").input_value() == CRITICAL


def test_files_of_text_are_read_in_their_encoding(page: Page, tmp_path: Path) -> None:
    russian = "Оккупанты снова обстреляли школу. Делегация прибыла в Бамако в понедельник."
    for name, data in {
        "a.txt": russian.encode("windows-1251"),
        "b.txt": russian.encode("utf-16"),
        "c.txt": b"\xfe\xff" + russian.encode("utf-16-be"),
    }.items():
        (tmp_path / name).write_bytes(data)
        page.locator("#file").set_input_files(tmp_path / name)
        expect(page.locator(".sentence").first).to_contain_text("Оккупанты снова обстреляли школу.")
        page.locator("#edit").click()


def test_a_dropped_file_is_read(page: Page) -> None:
    drop = """text => {
        const data = new DataTransfer();
        data.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
        for (const kind of ["dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(drop, CRITICAL)
    expect(page.locator(".sentence")).to_contain_text(CRITICAL)
    expect(page.locator("#drop-veil")).to_be_hidden()


def test_what_is_no_text_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "picture.txt").write_bytes(bytes(range(256)))
    page.locator("#file").set_input_files(tmp_path / "picture.txt")
    expect(page.get_by_role("alert")).to_contain_text("This is no text file.")


def test_the_sentences_are_saved_as_csv(page: Page) -> None:
    read(page, f"{CRITICAL} {NEUTRAL}\n=HYPERLINK(1) is what they said.")
    with page.expect_download() as download:
        page.locator("#save-sentences").click()
    text = download.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["text"] for row in rows[:2]] == [CRITICAL, NEUTRAL]
    assert rows[2]["text"].startswith("'="), "a spreadsheet is to run nothing"
    assert rows[0]["label"] == "critical"
    assert re.fullmatch(r"\d{4}\.\d\d\.\d\d-\w+", rows[0]["model"])


def test_counts_lead_to_their_sentences(page: Page) -> None:
    read(page, f"{NEUTRAL} {CRITICAL} {NEUTRAL} {SUPPORTIVE}")
    page.locator(".count", has_text="supportive").click()
    assert page.evaluate("document.activeElement.dataset.index") == "3"
    page.locator(".count", has_text="neutral").click()
    assert page.evaluate("document.activeElement.dataset.index") == "0", "after the last comes the first"


def test_on_paper_there_is_the_text_and_no_button(page: Page) -> None:
    read(page, CRITICAL)
    page.emulate_media(media="print")
    expect(page.locator("#sentences")).to_be_visible()
    expect(page.locator("#legend")).to_be_visible()
    assert [button for button in page.get_by_role("button").all() if button.evaluate("e => e.tagName") == "BUTTON"
            and button.is_visible() and "count" not in (button.get_attribute("class") or "")] == []  # fmt: skip


def test_the_model_is_told_in_words(page: Page, site: Server) -> None:
    told = page.locator("#about-body").inner_text()
    model = site.get("/v1/model").json
    assert model["version"] in told
    trained = sum(sum(labels.values()) for labels in model["trained_on"].values())
    assert trained > 10_000
    assert f"{trained:,} labelled sentences" in told
    overall = next(iter(model["metrics"]["sets"].values()))["overall"]
    assert f"{round(100 * overall['accuracy']['value'])} of 100" in told
    assert "Ukrainian" in told


def _classified(site: Server, text: str) -> dict[str, list[dict[str, object]]]:
    answer: dict[str, list[dict[str, object]]] = site.post("/v1/classify", {"texts": [text]}).json
    return answer

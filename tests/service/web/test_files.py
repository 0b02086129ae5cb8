"""What of the page can be told without a browser: its files, their policy, their size."""

import re
from pathlib import Path

from service.routes.page import FILES, POLICY
from tests.service.live import Server

LONGEST = 250


def test_the_page_loads_nothing_but_files_of_ours(server: Server) -> None:
    page = server.get("/")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.body.decode())
    assert len(loaded) > 8
    for url in loaded:
        assert not url.startswith("/"), "relative, so that the service may stand under any path"
        assert "//" not in url, "nothing is fetched from elsewhere"
        assert server.get(f"/{url}").status == 200
    assert not re.search(rb"<style|\sstyle=|\son\w+=|<script>", page.body), "inline code is against the policy"


def test_every_script_is_served_with_its_type_and_asked_for_anew(server: Server) -> None:
    for script in FILES.glob("*.js"):
        answer = server.get(f"/page/{script.name}")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert server.get(f"/page/{script.name}", If_None_Match=answer.headers["ETag"]).status == 304


def test_files_are_short_and_put_no_markup_together() -> None:
    ours = [file for file in FILES.rglob("*") if file.suffix in (".js", ".css", ".html") and not _vendored(file)]
    assert len(ours) > 25
    for file in ours:
        text = file.read_text("utf-8")
        assert len(text.splitlines()) < LONGEST, file
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), file


def test_what_is_vendored_has_its_licence_beside_it(server: Server) -> None:
    vendored = {file.parent for file in FILES.rglob("*.js") if _vendored(file)}
    assert vendored
    for folder in vendored:
        licence = server.get(f"/page/{(folder / 'LICENSE').relative_to(FILES)}")
        assert b"Permission is hereby granted" in licence.body


def test_posting_to_the_page_is_still_the_inference_contract(server: Server) -> None:
    answer = server.post("/", {"inputs": "The delegation landed in Bamako on Monday."})
    assert answer.status == 200
    assert {each["label"] for each in answer.json[0]} == {"critical", "neutral", "supportive"}


def _vendored(file: Path) -> bool:
    return "vendor" in file.parts

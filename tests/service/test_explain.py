"""Word attributions by occlusion, over a real socket."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.classifier import Classifier
from models.labels import LABELS
from tests.service.conftest import Start
from tests.service.live import Held, Server, classify, running, until, waiting

TEXT = "«Вагнер» looted the village, and called it protection 🔥"


def test_each_word_has_its_place_and_what_the_scores_lose_without_it(server: Server) -> None:
    answer = server.post("/v1/explain", {"text": TEXT})
    assert answer.status == 200
    words = answer.json["words"]
    assert [word["text"] for word in words] == [
        "Вагнер", "looted", "the", "village", "and", "called", "it", "protection", "🔥",
    ]  # fmt: skip
    (whole,) = classify(server, TEXT).json["results"]
    assert answer.json["result"] == whole
    for word in words:
        assert TEXT[word["start"] : word["end"]] == word["text"]
        assert abs(sum(word["attributions"].values())) < 1e-5
    (without,) = classify(server, "«Вагнер» the village, and called it protection 🔥").json["results"]
    for label in LABELS:
        assert abs(words[1]["attributions"][label] - (whole["scores"][label] - without["scores"][label])) < 1e-5


def test_the_word_that_condemns_speaks_for_critical(server: Server) -> None:
    words = server.post("/v1/explain", {"text": "Russia's infamous looting of the region"}).json["words"]
    effects = {word["text"]: word["attributions"]["critical"] for word in words}
    assert max(effects["infamous"], effects["looting"]) > max(effects["of"], effects["the"])


def test_the_prior_is_the_one_asked_for(server: Server, classifier: Classifier) -> None:
    for prior in classifier.info.priors:
        told = server.post("/v1/explain", {"text": TEXT, "prior": prior}).json["result"]
        (expected,) = server.post("/v1/classify", {"texts": [TEXT], "prior": prior}).json["results"]
        assert told == expected


@pytest.mark.parametrize("text", ["", " \n", "… — !"])
def test_a_text_without_words_has_a_result_and_no_attributions(server: Server, text: str) -> None:
    answer = server.post("/v1/explain", {"text": text})
    assert (answer.status, answer.json["words"]) == (200, [])
    assert answer.json["result"] == classify(server, text).json["results"][0]


def test_a_single_word_is_compared_with_a_blank_text(server: Server) -> None:
    answer = server.post("/v1/explain", {"text": "Looters!"}).json
    scores = answer["result"]["scores"]
    assert answer["words"][0]["attributions"]["critical"] == pytest.approx(
        scores["critical"] - classify(server, "!").json["results"][0]["scores"]["critical"], abs=1e-5
    )


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"text": "zebra " * 129}, 413, "129 words; 128 can be explained"),
        ({"text": "zebra" * 2001}, 413, "10005 characters; a sentence may have 10000"),
        ({"texts": ["zebra"]}, 422, "text is missing"),
        ({"text": "a", "prior": "zebra"}, 422, "prior must be one of"),
        (b'{"text": "zebra \\ud800"}', 422, "text holds half of a surrogate pair"),
    ],
)
def test_a_bad_request_gets_a_problem(server: Server, body: Any, status: int, detail: str) -> None:
    answer = server.post("/v1/explain", body)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert detail in answer.json["detail"]
    assert b"zebra" not in answer.body


def test_the_words_are_limited_to_what_the_queue_takes(start: Start) -> None:
    with start(max_texts=3, max_sentences=3, max_waiting_tokens=3) as small:
        assert small.post("/v1/explain", {"text": "Moscow lies"}).status == 200
        answer = small.post("/v1/explain", {"text": "Moscow lies again"})
        assert "3 words; 2 can be explained" in answer.json["detail"]


def test_the_words_wait_as_one_request_and_are_refused_as_one(held: Held) -> None:
    limits: dict[str, Any] = {"max_waiting_tokens": 4, "max_texts": 4, "max_sentences": 4}
    with running(held, threads=1, **limits) as server, ThreadPoolExecutor(2) as clients:
        calls = [clients.submit(classify, server, "hold")]
        assert held.entered.wait(60)
        calls.append(clients.submit(classify, server, "b", "c"))
        until(lambda: waiting(server) == 2)
        refused = server.post("/v1/explain", {"text": "Moscow lies"})
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert waiting(server) == 2
        held.let_go.set()
        assert [call.result().status for call in calls] == [200, 200]


def test_every_documented_status_is_answered(server: Server, held: Held) -> None:
    path, good = "/v1/explain", {"text": "a"}
    seen = {
        429,  # shown above, where it needs a full queue
        server.post(path, good).status,
        server.post(path, b"{").status,
        server.post(path, {"text": "a" * 10_001}).status,
        server.post(path, b"{}", {"Content-Type": "text/plain"}).status,
        server.post(path, good, {"Host": "evil.example"}).status,
        server.post(path, {}).status,
    }
    with running(held, threads=1) as failing:
        seen.add(failing.post(path, {"text": "fail"}).status)
    with running(held, threads=1, deadline=0.3) as hasty:
        seen.add(hasty.post(path, {"text": "hold"}).status)
        seen.add(hasty.post(path, iter([b"{"]), {"Content-Length": "9"}).status)
        held.let_go.set()
    assert seen == {int(status) for status in server.get("/openapi.json").json["paths"][path]["post"]["responses"]}

"""The contract of text-embeddings-inference, over a real socket."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.classifier import Classifier
from models.directory import open_directory
from tests.service.live import Answer, Held, Server, classify, running, until, waiting

TEXTS = ["Wagner mercenaries looted the village.", "Россия пришла на помощь.", "The ministers met in Bamako."]
LONG = "Moscow sent another convoy. " * 100


def assert_error(answer: Answer, status: int, error_type: str, *said: str) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) == {"error", "error_type"}
    assert answer.json["error_type"] == error_type
    assert all(each in answer.json["error"] for each in said)


def test_one_text_gives_one_list_sorted_by_score(server: Server) -> None:
    answer = server.post("/predict", {"inputs": TEXTS[0]})
    assert answer.status == 200
    scores = [each["score"] for each in answer.json]
    assert scores == sorted(scores, reverse=True)
    assert all(set(each) == {"label", "score"} for each in answer.json)
    (expected,) = classify(server, TEXTS[0]).json["results"]
    assert {each["label"]: each["score"] for each in answer.json} == expected["scores"]


def test_a_list_of_one_string_is_one_text(server: Server) -> None:
    assert server.post("/predict", {"inputs": TEXTS[:1]}).json == server.post("/predict", {"inputs": TEXTS[0]}).json


def test_a_batch_gives_one_list_a_text_in_order(server: Server) -> None:
    alone = [server.post("/predict", {"inputs": text}).json for text in TEXTS]
    assert server.post("/predict", {"inputs": [[text] for text in TEXTS]}).json == alone
    assert server.post("/predict", {"inputs": [TEXTS[:1]]}).json == alone[:1]


def test_raw_scores_are_the_logits_sorted(server: Server, classifier: Classifier) -> None:
    answers = server.post("/predict", {"inputs": [[text] for text in TEXTS], "raw_scores": True}).json
    shift = open_directory().priors[classifier.info.default_prior].shift
    for answer, logits in zip(answers, classifier.logits(TEXTS) + shift, strict=True):
        assert [each["score"] for each in answer] == sorted((each["score"] for each in answer), reverse=True)
        told = {each["label"]: each["score"] for each in answer}
        for label, logit in zip(classifier.info.labels, logits, strict=True):
            assert math.isclose(told[label], float(logit), abs_tol=1e-5)


@pytest.mark.parametrize("prior", ["balanced", "news"])
def test_the_scores_are_the_softmax_of_the_raw_scores(held: Held, prior: str) -> None:
    texts = [*TEXTS, "これは日本語の文です。", " "]
    with running(held, threads=1, prior=prior, result_cache_bytes=0) as server:
        scores = server.post("/predict", {"inputs": [[text] for text in texts]}).json
        held.seen.clear()
        raw = server.post("/predict", {"inputs": [[text] for text in texts], "raw_scores": True}).json
    assert held.seen == texts, "the model reads a text once"
    for plain, logits in zip(scores, raw, strict=True):
        total = sum(math.exp(each["score"]) for each in logits)
        softmax = {each["label"]: math.exp(each["score"]) / total for each in logits}
        assert {each["label"]: each["score"] for each in plain} == pytest.approx(softmax, abs=5e-6)


@pytest.mark.parametrize("direction", ["Left", "left"])
def test_the_beginning_may_be_cut_off_instead_of_the_end(server: Server, direction: str) -> None:
    def ask(text: str, **options: Any) -> Any:
        return server.post("/predict", {"inputs": text, "truncate": True, **options}).json

    ending = " The ministers met in Bamako on Tuesday."
    read_to_the_left = ask(LONG + ending, truncation_direction=direction)
    assert read_to_the_left == ask("Putin is a murderer. " * 100 + LONG + ending, truncation_direction=direction)
    assert read_to_the_left != ask(LONG + ending)
    assert ask(ending, truncation_direction=direction) == ask(ending)


@pytest.mark.parametrize("truncate", [False, None])
@pytest.mark.parametrize("raw", [False, True])
def test_a_long_text_is_refused_unless_truncate(server: Server, truncate: bool | None, raw: bool) -> None:
    body = {"inputs": LONG, "raw_scores": raw}
    assert_error(server.post("/predict", body), 413, "Validation", "must have less than 128 tokens", "truncate")
    assert_error(server.post("/predict", {**body, "truncate": truncate}), 413, "Validation")
    assert_error(server.post("/predict", {**body, "inputs": [["short"], [LONG]]}), 413, "Validation")
    cut = server.post("/predict", {**body, "truncate": True, "truncation_direction": "right"})
    assert (cut.status, len(cut.json)) == (200, 3)


PAIR = ("Join the two", '[["first"], ["second"]]')
BAD: dict[str, tuple[Any, int, str, tuple[str, ...]]] = {
    "a pair": ({"inputs": ["zebra", "b"]}, 422, "Tokenizer", PAIR),
    "a pair in a batch": ({"inputs": [["zebra"], ["a", "b"]]}, 422, "Tokenizer", ("inputs[1]", *PAIR)),
    "a flat batch": ({"inputs": ["zebra", "b", "c"]}, 422, "Tokenizer", ("inputs[0] must be a list of one string",)),
    "three in one": ({"inputs": [["zebra", "b", "c"]]}, 422, "Tokenizer", ("inputs[0]",)),
    "a mixture": ({"inputs": [["zebra"], "b"]}, 422, "Tokenizer", ("inputs[1]",)),
    "a number": ({"inputs": 5}, 422, "Tokenizer", ("inputs must be a string",)),
    "numbers": ({"inputs": [[5]]}, 422, "Tokenizer", ("inputs[0]",)),
    "no inputs": ({"input": "zebra"}, 422, "Tokenizer", ("inputs is missing",)),
    "an empty batch": ({"inputs": []}, 422, "Tokenizer", ("inputs must be",)),
    "truncate a string": (
        {"inputs": "zebra", "truncate": "yes"},
        422,
        "Tokenizer",
        ("truncate must be true or false",),
    ),
    "another end": (
        {"inputs": "zebra", "truncate": True, "truncation_direction": "Middle"},
        422,
        "Tokenizer",
        ("truncation_direction is none of the values",),
    ),
    "lone surrogate": (b'{"inputs": [["a"], ["zebra \\ud800"]]}', 422, "Tokenizer", ("Text 1", "surrogate")),
    "an empty text": ({"inputs": [["zebra"], [""]]}, 400, "Empty", ("`inputs` cannot be empty",)),
    "no JSON": (b'{"inputs": "zebra"', 400, "Validation", ("not valid JSON",)),
    "characters": ({"inputs": "zebra" * 2001}, 413, "Validation", ("10005 characters", "/v1/document")),
    "too many": ({"inputs": [["zebra"]] * 1025}, 413, "Validation", ("batch size 1025 > maximum", "1024")),
    "10 MB": (b'{"inputs": "' + b"zebra" * 2_000_000 + b'"}', 413, "Validation", ("4194304 bytes",)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_gets_an_error_that_says_how_to_mend_it(server: Server, name: str) -> None:
    body, status, error_type, said = BAD[name]
    answer = server.post("/predict", body)
    assert_error(answer, status, error_type, *said)
    assert b"zebra" not in answer.body


def test_unknown_fields_are_ignored_as_in_the_original(server: Server) -> None:
    assert server.post("/predict", {"inputs": "a", "parameters": {}, "truncation_direction": "Left"}).status == 200


def test_info_tells_the_labels_and_the_limits(server: Server, classifier: Classifier) -> None:
    told = server.get("/info").json
    assert told["model_id"] == classifier.info.name
    assert told["model_type"]["classifier"]["id2label"] == {"0": "critical", "1": "neutral", "2": "supportive"}
    assert told["model_type"]["classifier"]["label2id"] == {"critical": 0, "neutral": 1, "supportive": 2}
    assert (told["max_input_length"], told["max_client_batch_size"]) == (classifier.info.max_length, 1024)
    assert told["auto_truncate"] is False
    assert told["tokenization_workers"] == 1
    required = {"model_dtype", "max_concurrent_requests", "max_batch_tokens", "version"}
    assert all(told[name] for name in required)


@pytest.mark.parametrize("path", ["/predict", "/"])
def test_every_documented_status_is_answered(server: Server, classifier: Classifier, path: str) -> None:
    seen = {
        server.post(path, {"inputs": "a"}).status,
        server.post(path, b"{").status,
        server.post(path, {"inputs": "a" * 10_001}).status,
        server.post(path, b"{}", {"Content-Type": "text/plain"}).status,
        server.post(path, {"inputs": "a"}, {"Host": "evil.example"}).status,
        server.post(path, {}).status,
    }
    held = Held(classifier)
    limits = {"threads": 1, "max_waiting_tokens": 1, "max_texts": 1, "max_sentences": 1}
    with running(held, **limits) as full, ThreadPoolExecutor(2) as clients:
        first = clients.submit(classify, full, "hold")
        assert held.entered.wait(60)
        second = clients.submit(classify, full, "b")
        until(lambda: waiting(full) == 1)
        refused = full.post(path, {"inputs": "a"})
        assert_error(refused, 429, "Overloaded")
        assert int(refused.headers["Retry-After"]) >= 1
        held.let_go.set()
        assert [first.result().status, second.result().status] == [200, 200]
        failed = full.post(path, {"inputs": "fail zebra"})
        assert_error(failed, 424, "Backend")
        assert b"zebra" not in failed.body
        seen |= {refused.status, failed.status}
    held = Held(classifier)
    with running(held, threads=1, deadline=0.2) as hasty:
        late = hasty.post(path, {"inputs": "hold"})
        assert_error(late, 503, "Unhealthy")
        slow = hasty.post(path, iter([b"{"]), {"Content-Length": "9", "Connection": "close"})
        assert_error(slow, 408, "Validation")
        seen |= {late.status, slow.status}
        held.let_go.set()
    responses = server.get("/openapi.json").json["paths"][path]["post"]["responses"]
    assert seen == {int(status) for status in responses}
    for status, response in responses.items():
        if status not in ("200", "421"):
            content = response["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}
            assert set(content["example"]) == {"error", "error_type"}

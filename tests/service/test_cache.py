"""The cache of results: what is kept, for how long, in how much memory, and that every scoring route uses it."""

import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

from models.classifier import Classifier
from models.labels import LABELS, Label
from models.prediction import Prediction
from service.cache import ResultCache, ServedClassifier
from service.metrics import Metrics
from tests.service.conftest import Start
from tests.service.live import Held, Server, classify, running
from tests.service.test_metrics import changed, told

TEXT = "The convoy reached the border on Tuesday."


def prediction(number: int = 0) -> Prediction:
    """A prediction of which no part is shared with another."""
    scores: dict[Label, float] = {"critical": number / 7, "neutral": number / 11, "supportive": number / 13}
    return Prediction(
        "neutral",
        scores,
        (*LABELS,),
        margin=number / 17,
        logits=(number / 3, number / 5, number / 19),
        tokens=1000,
    )


def test_the_least_recently_used_goes_first() -> None:
    cache = ResultCache(3 * 1400)
    for text in "abc":
        cache.put(("1", None, "right", text), prediction())
    assert cache.get(("1", None, "right", "a")) is not None
    cache.put(("1", None, "right", "d"), prediction())
    assert [text for text in "abcd" if cache.get(("1", None, "right", text))] == ["a", "c", "d"]


def test_what_is_kept_takes_no_more_memory_than_was_set() -> None:
    limit = 1_000_000
    tracemalloc.start()
    try:
        cache = ResultCache(limit)
        for number in range(2000):
            cache.put((f"version {number}", None, "right", "слово " * (number % 50) + str(number)), prediction(number))
        assert 0.5 * limit < tracemalloc.get_traced_memory()[0] < limit
    finally:
        tracemalloc.stop()


def test_a_text_larger_than_the_cache_is_not_kept() -> None:
    cache = ResultCache(10_000)
    cache.put(("1", None, "right", "word " * 10_000), prediction())
    assert cache.get(("1", None, "right", "word " * 10_000)) is None


def test_another_prior_side_or_loaded_model_is_another_result(held: Held) -> None:
    cache, metrics = ResultCache(1_000_000), Metrics()
    served = ServedClassifier(held, metrics, cache)  # type: ignore[arg-type]
    [first] = served.classify_here([TEXT])
    assert served.classify_here([TEXT])[0] is first
    for prior in held.info.priors:
        assert served.classify_here([TEXT], prior=prior)[0] is not first
    assert served.classify_here([TEXT], truncation_side="left")[0] is not first
    # Under the same version, as a model has that was calibrated anew.
    later = ServedClassifier(held, metrics, cache)  # type: ignore[arg-type]
    assert later.classify_here([TEXT])[0] is not first
    assert len(held.seen) == 3 + len(held.info.priors)


def test_only_what_is_new_is_read_and_all_keep_their_places(held: Held) -> None:
    served = ServedClassifier(held, Metrics(), ResultCache(1_000_000))  # type: ignore[arg-type]
    texts = ["Moscow lies.", "Mali thanks Russia.", "It rained."]
    alone = [held.classify_one(text) for text in texts]
    [kept] = served.classify_here([texts[1]])
    held.seen.clear()
    together = served.classify_here(texts)
    assert together == alone
    assert together[1] is kept
    assert held.seen == [texts[0], texts[2]]


def test_a_text_that_comes_several_times_at_once_is_read_once(held: Held) -> None:
    with running(held, threads=1) as server:
        before = told(server)
        answer = classify(server, TEXT, "Moscow lies.", TEXT)
        found = changed(before, told(server))
    assert held.seen == [TEXT, "Moscow lies."]
    first, other, again = answer.json["results"]
    assert first == again != other
    assert (found["ru_stance_sentences_total{}"], found["ru_stance_cached_sentences_total{}"]) == (3, 1)
    assert found["ru_stance_pass_tokens_count{}"] == 2


def post(server: Server, path: str) -> int:
    """Have a route classify the text."""
    lines = json.dumps({"text": TEXT}).encode() + b"\n"
    bodies: dict[str, object] = {
        "/v1/classify": {"texts": [TEXT]},
        "/v1/document": {"text": TEXT},
        "/v1/explain": {"text": TEXT},
        "/predict": {"inputs": TEXT},
        "/": {"inputs": TEXT},
    }
    if path == "/v1/score":
        return server.post(path, lines, {"Content-Type": "application/x-ndjson"}).status
    return server.post(path, bodies[path]).status


def test_every_scoring_route_uses_what_is_kept(held: Held) -> None:
    paths = ("/v1/classify", "/v1/document", "/v1/score", "/predict", "/", "/v1/explain")
    with running(held, threads=1) as server:
        assert {post(server, path) for path in paths} == {200}
        assert held.seen.count(TEXT) == 1
        before = told(server)
        assert post(server, "/predict") == 200
        found = changed(before, told(server))
    assert found["ru_stance_cached_sentences_total{}"] == found["ru_stance_sentences_total{}"] == 1
    assert "ru_stance_tokens_total{}" not in found, "the model did not read it again"


def test_nothing_is_kept_when_that_is_set(held: Held) -> None:
    with running(held, threads=1, result_cache_bytes=0) as server:
        assert [classify(server, TEXT).status for _ in range(3)] == [200] * 3
        assert told(server)["ru_stance_cached_sentences_total{}"] == 0
    assert held.seen == [TEXT] * 3


def test_the_same_text_asked_by_many_at_once_gets_one_answer(start: Start, classifier: Classifier) -> None:
    expected = round(classifier.classify_one(TEXT).scores["critical"], 6)
    with start(threads=2) as server, ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda _: classify(server, TEXT, TEXT), range(32)))
    found = {result["scores"]["critical"] for answer in answers for result in answer.json["results"]}
    assert found == {expected}

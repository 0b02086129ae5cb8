"""What Prometheus is told, over a real socket."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.classifier import Classifier
from tests.service.conftest import Start
from tests.service.live import Held, Server, classify, running, until, waiting


def told(server: Server) -> dict[str, float]:
    """Every sample, by its name and labels as Prometheus writes them."""
    answer = server.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name + json.dumps(dict(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def changed(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def test_there_are_series_before_any_traffic(start: Start) -> None:
    with start() as server:
        found = told(server)
    for name in (
        "ru_stance_sentences_total{}",
        "ru_stance_tokens_total{}",
        "ru_stance_truncated_sentences_total{}",
        "ru_stance_unsupported_sentences_total{}",
        "ru_stance_queue_depth{}",
        "ru_stance_queue_tokens{}",
        "ru_stance_cached_sentences_total{}",
        "ru_stance_sharing_requests_count{}",
        "ru_stance_batch_sentences_count{}",
        'ru_stance_pass_tokens_bucket{"le": "+Inf"}',
        'ru_stance_labels_total{"label": "critical"}',
        'ru_stance_requests_total{"method": "POST", "route": "/v1/classify", "status": "200"}',
        'ru_stance_request_seconds_count{"route": "/v1/document"}',
    ):
        assert found[name] == 0, name


def test_sentences_and_what_became_of_them_are_counted(start: Start, classifier: Classifier) -> None:
    texts = ["The convoy reached the border on Tuesday.", "word " * 500, "これは日本語の文です。", " "]
    predictions = classifier.classify(texts)
    with start() as server:
        before = told(server)
        assert classify(server, *texts).status == 200
        found = changed(before, told(server))
    assert found["ru_stance_sentences_total{}"] == 4
    assert found["ru_stance_truncated_sentences_total{}"] == 1
    assert found["ru_stance_unsupported_sentences_total{}"] == 1
    assert sum(found.get(f'ru_stance_labels_total{{"label": "{label}"}}', 0) for label in classifier.info.labels) == 4
    assert found["ru_stance_tokens_total{}"] == sum(each.tokens for each in predictions)
    assert [each.tokens > 0 for each in predictions] == [True, True, False, False]
    assert predictions[1].tokens == classifier.info.max_length


def test_the_examples_of_the_documentation_are_not_counted(start: Start) -> None:
    with start() as server:
        before = told(server)
        assert server.get("/openapi.json").status == 200
        found = changed(before, told(server))
        assert 'ru_stance_requests_total{"method": "GET", "route": "/openapi.json", "status": "200"}' in found
        counted = ("ru_stance_sentences", "ru_stance_labels", "ru_stance_tokens")
        assert not [name for name in found if name.startswith(counted)]
        assert classify(server, "Moscow lies.").status == 200
        assert changed(before, told(server))["ru_stance_sentences_total{}"] == 1


def test_requests_are_counted_by_route_and_not_by_what_the_client_wrote(start: Start) -> None:
    with start() as server:
        before = told(server)
        server.post("/v1/classify", {"texts": []})
        server.get("/zebra")
        server.get("/zebra", Host="zebra.example")
        server.request("PROPFIND", "/livez")
        found = changed(before, told(server))
    requests = {name: value for name, value in found.items() if name.startswith("ru_stance_requests_total")}
    assert not any("zebra" in name for name in found)
    assert requests.pop('ru_stance_requests_total{"method": "POST", "route": "/v1/classify", "status": "422"}') == 1
    assert requests.pop('ru_stance_requests_total{"method": "GET", "route": "none", "status": "404"}') == 1
    assert requests.pop('ru_stance_requests_total{"method": "GET", "route": "none", "status": "421"}') == 1
    assert sum(value for name, value in requests.items() if '"method": "other"' in name) == 1
    assert found['ru_stance_request_seconds_count{"route": "/v1/classify"}'] == 1
    assert found['ru_stance_request_seconds_bucket{"le": "+Inf", "route": "/v1/classify"}'] == 1


def test_the_queue_is_told_as_it_fills_and_empties(held: Held) -> None:
    with running(held, threads=1) as server, ThreadPoolExecutor(2) as clients:
        calls = [clients.submit(classify, server, "hold")]
        assert held.entered.wait(60)
        calls.append(clients.submit(classify, server, *"abcdefg"))
        until(lambda: waiting(server) == 7)
        assert told(server)["ru_stance_queue_depth{}"] == 7
        assert told(server)["ru_stance_queue_tokens{}"] == 7 * 3
        held.let_go.set()
        assert [call.result().status for call in calls] == [200, 200]
        assert told(server)["ru_stance_queue_depth{}"] == told(server)["ru_stance_queue_tokens{}"] == 0


def test_what_the_requests_share_is_told(held: Held) -> None:
    with running(held, threads=1) as server, ThreadPoolExecutor(3) as clients:
        before = told(server)
        calls = [clients.submit(classify, server, "hold")]
        assert held.entered.wait(60)
        calls += [clients.submit(classify, server, "b", "c"), clients.submit(classify, server, "d")]
        until(lambda: waiting(server) == 3)
        held.let_go.set()
        assert [call.result().status for call in calls] == [200] * 3
        found = changed(before, told(server))
    assert (found["ru_stance_batch_sentences_count{}"], found["ru_stance_batch_sentences_sum{}"]) == (3, 4)
    assert found["ru_stance_pass_tokens_count{}"] == 4
    assert found["ru_stance_pass_tokens_sum{}"] == found["ru_stance_tokens_total{}"]
    assert found["ru_stance_sharing_requests_count{}"] == 4
    assert found["ru_stance_sharing_requests_sum{}"] >= 5, "two requests were there when b and d were taken"


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=1.0.0", "*/*"])
def test_the_format_is_the_one_that_is_asked_for(server: Server, accept: str) -> None:
    answer = server.get("/metrics", Accept=accept)
    assert answer.headers["Content-Type"].startswith(accept.partition(";")[0].replace("*/*", "text/plain"))
    assert answer.body.endswith(b"# EOF\n") == accept.startswith("application/openmetrics")

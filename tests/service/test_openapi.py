"""The API's description is true: its examples are real, and its statuses are those that are answered."""

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.classifier import Classifier
from service.batching import MAX_FAILURES
from service.problems import BY_ERROR, BY_STATUS
from tests.service.conftest import Start
from tests.service.live import Held, Server, classify, running, until, waiting


@pytest.fixture(scope="module")
def description(server: Server) -> dict[str, Any]:
    answer = server.get("/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


def test_every_operation_is_described(description: dict[str, Any]) -> None:
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    assert set(description["paths"]) == {
        "/v1/classify", "/v1/document", "/v1/explain", "/v1/score", "/v1/model", "/predict", "/", "/info",
        "/metrics", "/livez", "/readyz", "/v1/labels", "/v1/labels/lookup", "/v1/labels/export", "/v1/labels/agreement",
        "/v1/labels/{id}", "/v1/model/reload",
    }  # fmt: skip
    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_every_reference_resolves(description: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", str(description)))
    assert named <= set(description["components"]["schemas"])
    assert "Problem" in named


@pytest.mark.parametrize("path", ["/v1/classify", "/v1/document", "/v1/explain", "/predict", "/"])
def test_the_examples_are_what_the_service_answers(server: Server, description: dict[str, Any], path: str) -> None:
    operation = description["paths"][path]["post"]
    asked = operation["requestBody"]["content"]["application/json"]["example"]
    told = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert server.post(path, asked).json == told


@pytest.mark.parametrize("path", ["/v1/model", "/info"])
def test_the_example_of_the_model_is_the_model(server: Server, description: dict[str, Any], path: str) -> None:
    told = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert server.get(path).json == told


def test_the_limits_are_those_of_the_settings(server: Server, description: dict[str, Any]) -> None:
    limits, schemas = server.get("/v1/model").json["limits"], description["components"]["schemas"]
    texts = schemas["ClassifyRequest"]["properties"]["texts"]
    assert texts["maxItems"] == limits["max_texts"]
    assert texts["items"]["maxLength"] == limits["max_characters"]
    assert schemas["DocumentRequest"]["properties"]["text"]["maxLength"] == limits["max_document_characters"]
    for name in ("ExplainRequest", "ScoreLine", "LabelRequest"):
        assert schemas[name]["properties"]["text"]["maxLength"] == limits["max_characters"]
    for name in ("PipelineRequest", "PredictRequest"):
        alone, *_, several = schemas[name]["properties"]["inputs"]["oneOf"]
        assert (alone["maxLength"], several["maxItems"]) == (limits["max_characters"], limits["max_texts"])


def test_the_priors_are_those_of_the_model(server: Server, description: dict[str, Any]) -> None:
    priors = server.get("/v1/model").json["priors"]
    for name in ("ClassifyRequest", "DocumentRequest", "ExplainRequest"):
        assert description["components"]["schemas"][name]["properties"]["prior"]["anyOf"][0]["enum"] == priors
    (query,) = description["paths"]["/v1/score"]["post"]["parameters"]
    assert query["schema"]["enum"] == priors


def test_every_documented_problem_has_an_example_from_the_table(description: dict[str, Any]) -> None:
    kinds = {kind.name: kind for kind in (*BY_STATUS.values(), *BY_ERROR.values())}
    for path, operations in description["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                # The errors of the two Hugging Face contracts are their own; see test_predict.py.
                if status[0] == "2" or (path in ("/predict", "/") and status != "421"):
                    continue
                examples = response["content"]["application/problem+json"]["examples"]
                assert examples
                for name, example in examples.items():
                    assert example["value"]["title"] == kinds[name].title
                    assert example["value"]["status"] == kinds[name].status == int(status)


@pytest.mark.parametrize(("path", "good"), [("/v1/classify", {"texts": ["a"]}), ("/v1/document", {"text": "A."})])
def test_every_documented_status_is_answered(
    server: Server, classifier: Classifier, description: dict[str, Any], path: str, good: dict[str, Any]
) -> None:
    def with_text(text: str) -> dict[str, Any]:
        return {"texts": [text]} if "texts" in good else {"text": text}

    seen = {
        server.post(path, good).status,
        server.post(path, b"{").status,
        server.post(path, with_text("a" * 250_000)).status,
        server.post(path, b"{}", {"Content-Type": "text/plain"}).status,
        server.post(path, good, {"Host": "evil.example"}).status,
        server.post(path, {}).status,
    }
    held = Held(classifier)
    with (
        running(held, threads=1, max_waiting_tokens=1, max_texts=1, max_sentences=1) as full,
        ThreadPoolExecutor(2) as clients,
    ):
        first = clients.submit(classify, full, "hold")
        assert held.entered.wait(60)
        second = clients.submit(classify, full, "b")
        until(lambda: waiting(full) == 1)
        seen.add(full.post(path, good).status)
        held.let_go.set()
        assert [first.result().status, second.result().status] == [200, 200]
        seen.add(full.post(path, with_text("fail")).status)
    held = Held(classifier)
    with (
        running(held, threads=1, deadline=0.2) as hasty,
        socket.create_connection(("127.0.0.1", hasty.port), timeout=60) as slow,
    ):
        slow.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 9\r\n\r\n{".encode()
        )
        seen |= {int(slow.recv(12)[-3:]), hasty.post(path, with_text("hold")).status}
        held.let_go.set()
    documented = {int(status) for status in description["paths"][path]["post"]["responses"]}
    assert seen == documented


def test_the_statuses_of_the_other_paths_are_answered(
    server: Server, classifier: Classifier, description: dict[str, Any]
) -> None:
    seen: dict[str, set[int]] = {
        path: {server.get(path).status, server.get(path, Host="evil.example").status}
        for path in ("/v1/model", "/info", "/metrics", "/livez", "/readyz")
    }
    seen["/v1/model"].add(server.get("/v1/model?priro=news").status)
    with running(Held(classifier), threads=1) as broken:
        for _ in range(MAX_FAILURES):
            classify(broken, "fail")
        seen["/readyz"].add(broken.get("/readyz").status)
    for path, statuses in seen.items():
        assert statuses == {int(status) for status in description["paths"][path]["get"]["responses"]}


def test_the_page_and_all_that_it_loads_are_our_own(server: Server) -> None:
    page = server.get("/docs")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
    assert len(loaded) >= 4
    for url in loaded:
        assert "//" not in url, "nothing is fetched from elsewhere"
        if not url.startswith("data:"):
            assert server.get(f"/{url}").status == 200
    assert not re.search(rb"<script>|<style>|\son\w+=", page.body), "inline code is against the policy"


def test_the_licence_of_swagger_ui_is_served_with_it(server: Server) -> None:
    assert b"Apache License" in server.get("/docs/assets/swagger-ui/LICENSE").body


def test_the_description_is_the_same_for_clients_that_ask_at_once(classifier: Classifier) -> None:
    with running(classifier, threads=1) as server, ThreadPoolExecutor(4) as clients:
        barrier = threading.Barrier(4)

        def ask(_: int) -> bytes:
            barrier.wait(60)
            return server.get("/openapi.json").body

        assert len(set(clients.map(ask, range(4)))) == 1


def test_limits_too_narrow_for_the_examples_leave_them_out(start: Start) -> None:
    with start(max_texts=1, max_sentences=1, max_waiting_tokens=1, max_document_characters=5) as narrow:
        answer = narrow.get("/openapi.json")
    assert answer.status == 200
    bodies = {
        path: answer.json["paths"][path]["post"]["requestBody"]["content"] for path in ("/v1/classify", "/predict")
    }
    assert ["example" in content["application/json"] for content in bodies.values()] == [False, True]

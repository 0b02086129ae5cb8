"""Hugging Face's inference contract, through Hugging Face's own client, over a real socket."""

import math
from typing import Any

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from models.classifier import Classifier
from models.directory import open_directory
from tests.service.live import Server, classify

TEXT = "Wagner mercenaries looted the village."


@pytest.fixture
def client(server: Server) -> InferenceClient:
    return InferenceClient(f"http://127.0.0.1:{server.port}")


def test_the_client_reads_every_label_sorted(server: Server, client: InferenceClient) -> None:
    found = client.text_classification(TEXT)
    (expected,) = classify(server, TEXT).json["results"]
    assert {each.label: each.score for each in found} == expected["scores"]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert found[0].label == expected["label"]


def test_the_client_may_be_told_the_url_as_base_url(server: Server, client: InferenceClient) -> None:
    other = InferenceClient(base_url=f"http://127.0.0.1:{server.port}/")
    assert other.text_classification(TEXT) == client.text_classification(TEXT)


def test_top_k_gives_the_first_labels(client: InferenceClient) -> None:
    every = client.text_classification(TEXT)
    assert client.text_classification(TEXT, top_k=1) == every[:1]
    assert client.text_classification(TEXT, top_k=9) == every


def test_a_whole_number_may_be_written_with_a_point(server: Server) -> None:
    assert len(server.post("/", b'{"inputs": "a", "parameters": {"top_k": 2.0}}').json[0]) == 2


def test_function_to_apply(client: InferenceClient, classifier: Classifier) -> None:
    shift = open_directory().priors[classifier.info.default_prior].shift
    logits = dict(zip(classifier.info.labels, (classifier.logits([TEXT])[0] + shift).tolist(), strict=True))
    raw = client.text_classification(TEXT, function_to_apply="none")
    sigmoid = client.text_classification(TEXT, function_to_apply="sigmoid")
    for each in raw:
        assert math.isclose(each.score, logits[each.label], abs_tol=1e-5)
    for each in sigmoid:
        assert math.isclose(each.score, 1 / (1 + math.exp(-logits[each.label])), abs_tol=1e-5)
    assert client.text_classification(TEXT, function_to_apply="softmax") == client.text_classification(TEXT)


def test_the_client_shows_what_to_mend(client: InferenceClient) -> None:
    with pytest.raises(HfHubHTTPError, match="10005 characters; a text may have 10000"):
        client.text_classification("zebra" * 2001)


def test_the_answer_is_a_list_of_lists_for_one_text_too(server: Server) -> None:
    one = server.post("/", {"inputs": TEXT}).json
    assert server.post("/", {"inputs": [TEXT, "b"]}).json[:1] == one
    assert server.post("/", {"inputs": [TEXT], "options": {"wait_for_model": True}, "parameters": None}).json == one
    assert [len(one), len(one[0])] == [1, 3]


def test_of_a_long_text_the_beginning_is_classified(server: Server) -> None:
    assert server.post("/", {"inputs": "Moscow sent another convoy. " * 100}).status == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"inputs": {"text": "zebra", "text_pair": "b"}}, "inputs is a pair of texts"),
        ({"inputs": [["zebra", "b"]]}, "inputs must be a string"),
        ({"inputs": []}, "inputs must be a string"),
        ({"inputs": {"text": "zebra"}}, "inputs must be a string"),
        ({"text": "zebra"}, "inputs is missing"),
        ({"inputs": "zebra", "parameters": {"top_k": 0}}, "parameters.top_k is too small"),
        (
            {"inputs": "zebra", "parameters": {"function_to_apply": "tanh"}},
            "parameters.function_to_apply is none of the values",
        ),
    ],
)
def test_a_bad_request_gets_an_error(server: Server, body: Any, said: str) -> None:
    answer = server.post("/", body)
    assert answer.status == 422
    assert said in answer.json["error"]
    assert b"zebra" not in answer.body


def test_a_browser_finds_the_page_where_the_clients_send_texts(server: Server) -> None:
    answer = server.get("/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")

"""People's labels over HTTP: a real server on a socket, with a database in a file and in PostgreSQL."""

import csv
import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.classifier import Classifier
from service.feedback import engine as engines
from service.keys import Scope, add_key
from service.logging import JsonFormatter
from tests.service.live import Server, classify, running

TEXT = "They came to loot and not to protect."


@pytest.fixture
def labelled(classifier: Classifier, address: str) -> Iterator[Server]:
    """A server with an empty database."""
    with running(classifier, threads=1, labels_database=address, max_characters=100, max_texts=5) as server:
        yield server


@pytest.fixture
def in_a_file(classifier: Classifier, tmp_path: Path) -> Iterator[Server]:
    """A server with an empty SQLite file, ``labels.sqlite3``."""
    with running(classifier, threads=1, data=tmp_path) as server:
        yield server


def give(server: Server, text: str, label: str, **others: Any) -> dict[str, Any]:
    answer = server.post("/v1/labels", {"text": text, "label": label, **others})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json
    return found


def look_up(server: Server, *texts: str) -> Any:
    answer = server.post("/v1/labels/lookup", {"texts": list(texts)})
    assert answer.status == 200
    return answer.json["results"]


def test_a_label_is_given_looked_up_replaced_and_taken_back(labelled: Server) -> None:
    given = give(labelled, TEXT, "critical", annotator="ada", note="plain", source="page")
    assert {name: given[name] for name in ("text", "label", "annotator", "note", "source", "deleted")} == {
        "text": TEXT, "label": "critical", "annotator": "ada", "note": "plain", "source": "page", "deleted": None,
    }  # fmt: skip
    assert datetime.fromisoformat(given["created"]).tzinfo is not None
    nameless = give(labelled, TEXT, "neutral")
    assert nameless["annotator"] is None
    nothing = {"majority": None, "votes": {"critical": 0, "neutral": 0, "supportive": 0}, "labels": []}
    found = look_up(labelled, "x", TEXT)
    assert found[0] == nothing
    assert found[1]["labels"] == [given, nameless]
    assert (found[1]["majority"], found[1]["votes"]["critical"]) == (None, 1)
    give(labelled, TEXT, "critical")
    assert look_up(labelled, TEXT)[0]["majority"] == "critical"
    taken = labelled.request("DELETE", f"/v1/labels/{given['id']}")
    assert taken.status == 200
    assert taken.json == given | {"deleted": taken.json["deleted"]}
    assert taken.json["deleted"] is not None
    assert labelled.request("DELETE", f"/v1/labels/{given['id']}").json == taken.json
    assert [each["annotator"] for each in look_up(labelled, TEXT)[0]["labels"]] == [None]


def test_labels_are_listed_page_by_page(labelled: Server) -> None:
    given = [give(labelled, f"text {number}", "neutral", annotator="ab"[number % 2]) for number in range(5)]
    first = labelled.get("/v1/labels?limit=2").json
    second = labelled.get(f"/v1/labels?limit=3&cursor={first['next']}").json
    assert first["labels"] + second["labels"] == given[::-1]
    assert second["next"] is None
    assert labelled.get("/v1/labels?annotator=a&label=neutral").json["labels"] == given[4::-2]
    assert labelled.get(f"/v1/labels?since={given[3]['created']}").json["labels"] == given[:2:-1]
    labelled.request("DELETE", f"/v1/labels/{given[0]['id']}")
    assert len(labelled.get("/v1/labels").json["labels"]) == 4
    assert len(labelled.get("/v1/labels?deleted=true").json["labels"]) == 5


def test_every_format_of_the_export_has_every_label(labelled: Server) -> None:
    awkward = 'Он сказал: "да",\nи ушёл. 🌾'
    given = [give(labelled, awkward, "neutral", annotator="ada", note="a,b"), give(labelled, awkward, "critical")]
    lines = labelled.get("/v1/labels/export")
    assert lines.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line)["label"] for line in lines.body.splitlines()] == ["neutral", "critical"]
    table = labelled.get("/v1/labels/export?format=csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="labels.csv"'
    rows = list(csv.DictReader(io.StringIO(table.body.decode(), newline="")))
    assert [(row["id"], row["text"], row["annotator"]) for row in rows] == [
        (str(given[0]["id"]), awkward, "ada"), (str(given[1]["id"]), awkward, ""),
    ]  # fmt: skip
    (task,) = labelled.get("/v1/labels/export?format=label-studio").json
    assert task["data"] == {"text": awkward}
    assert [each["result"][0]["value"]["choices"] for each in task["annotations"]] == [["neutral"], ["critical"]]
    none = labelled.get("/v1/labels/export?format=csv&label=supportive")
    assert none.body.decode() == ",".join(rows[0]) + "\n"


def test_agreement_is_told(labelled: Server) -> None:
    assert labelled.get("/v1/labels/agreement").json["alpha"] is None
    for name, label in (("ada", "critical"), ("bob", "critical"), ("cyd", "neutral")):
        give(labelled, TEXT, label, annotator=name)
    found = labelled.get("/v1/labels/agreement").json
    assert (found["texts"], found["votes"], found["annotators"], found["compared"]) == (1, 3, 3, 1)
    assert found["majorities"] == {"critical": 1, "neutral": 0, "supportive": 0}
    assert found["alpha"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"text": TEXT}, 422, "label is missing"),
        ({"text": TEXT, "label": "good"}, 422, "label is none"),
        ({"text": " \u0000", "label": "neutral"}, 422, "text is empty"),
        ({"text": TEXT, "label": "neutral", "who": "ada"}, 422, '"who"'),
        ({"text": TEXT, "label": "neutral", "annotator": ""}, 422, "annotator must not be empty"),
        ({"text": TEXT, "label": "neutral", "annotator": "a" * 201}, 422, "annotator is too long"),
        ({"text": "\ud800", "label": "neutral"}, 422, "surrogate"),
        ({"text": "a" * 101, "label": "neutral"}, 413, "101 characters"),
        ([{"text": TEXT, "label": "neutral"}], 422, "object"),
    ],
)
def test_a_label_that_cannot_be_kept_is_refused(labelled: Server, body: Any, status: int, told: str) -> None:
    answer = labelled.post("/v1/labels", body)
    assert answer.status == status
    assert told in answer.json["detail"]
    assert labelled.get("/v1/labels?deleted=true").json["labels"] == []


@pytest.mark.parametrize(
    "path", ["?limit=0", "?limit=1001", "?cursor=0", "?since=yesterday", "?since=0.5", "?since=1700000000",
             "?since=2026-11-22T00:00:00", "?lable=neutral",
             "/export?format=xml", "/agreement?x=1"],
)  # fmt: skip
def test_a_query_that_means_nothing_is_refused(in_a_file: Server, path: str) -> None:
    assert in_a_file.get(f"/v1/labels{path}").status == 422


def test_only_digits_are_taken_for_a_label(in_a_file: Server) -> None:
    assert in_a_file.request("DELETE", "/v1/labels/x").json["type"] == "urn:ru-stance:problem:not-found"
    answer = in_a_file.request("DELETE", "/v1/labels/export")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_the_limits_of_a_lookup_are_those_of_classify(labelled: Server) -> None:
    assert labelled.post("/v1/labels/lookup", {"texts": ["a"] * 6}).status == 413
    assert labelled.post("/v1/labels/lookup", {"texts": ["a" * 101]}).status == 413
    assert labelled.post("/v1/labels/lookup", {"texts": []}).status == 422


def test_what_is_not_there_is_404(in_a_file: Server) -> None:
    assert in_a_file.request("DELETE", "/v1/labels/7").json["type"] == "urn:ru-stance:problem:label-not-found"
    for name in ("0", str(2**63), "9" * 5000):
        assert in_a_file.request("DELETE", f"/v1/labels/{name}").status == 422


def test_a_database_that_is_locked_is_503_and_the_rest_goes_on(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    with running(classifier, threads=1, data=tmp_path) as server, caplog.at_level(logging.DEBUG):
        give(server, TEXT, "critical", annotator="Ada Lovelace")
        other = sqlite3.connect(tmp_path / "labels.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = server.post("/v1/labels", {"text": TEXT, "label": "neutral", "annotator": "Ada Lovelace"})
        assert refused.status == 503
        assert refused.json["type"] == "urn:ru-stance:problem:labels-unavailable"
        assert "locked by another program" in refused.json["detail"]
        assert look_up(server, TEXT)[0]["majority"] == "critical", "a reader does not wait for a writer"
        assert classify(server, TEXT).status == server.get("/readyz").status == 200
        other.execute("ROLLBACK")
        other.close()
        give(server, TEXT, "neutral", annotator="Ada Lovelace")
    logged = "\n".join([caplog.text, *map(JsonFormatter().format, caplog.records)])
    assert "labels" in logged
    assert "loot" not in logged
    assert "Lovelace" not in logged


def test_a_database_that_is_broken_at_the_start_is_503_until_it_is_mended(
    classifier: Classifier, tmp_path: Path
) -> None:
    (tmp_path / "labels.sqlite3").write_text("no database at all, " * 100)
    with running(classifier, threads=1, data=tmp_path) as server:
        for answer in (
            server.get("/v1/labels"),
            server.get("/v1/labels/export"),
            server.get("/v1/labels/agreement"),
            server.post("/v1/labels/lookup", {"texts": [TEXT]}),
            server.post("/v1/labels", {"text": TEXT, "label": "neutral"}),
            server.request("DELETE", "/v1/labels/1"),
        ):
            assert answer.status == 503
            assert "no SQLite file" in answer.json["detail"]
        assert classify(server, TEXT).status == 200
        (tmp_path / "labels.sqlite3").unlink()
        give(server, TEXT, "neutral")


def test_labels_need_the_scope_and_a_key_names_its_annotator(classifier: Classifier, tmp_path: Path) -> None:
    secrets = {scope: add_key(tmp_path / "keys.json", f"the-{scope}", [scope]) for scope in Scope}
    body = {"text": TEXT, "label": "neutral"}
    with running(classifier, threads=1, data=tmp_path, keys_file=tmp_path / "keys.json") as server:
        for scope, status in ((Scope.READ, 403), (Scope.ADMIN, 403), (Scope.LABEL, 201)):
            answer = server.post("/v1/labels", body, {"X-API-Key": secrets[scope]})
            assert answer.status == status
            assert server.get("/v1/labels", X_API_Key=secrets[scope]).status == (200 if status == 201 else status)
        assert answer.json["annotator"] == "the-label"
        assert server.get("/v1/labels").status == 401


def test_every_answer_has_a_documented_status(in_a_file: Server) -> None:
    paths = in_a_file.get("/openapi.json").json["paths"]
    kinds = {
        path: set(operation["responses"]["503"]["content"]["application/problem+json"]["examples"])
        for path, operations in paths.items()
        for operation in operations.values()
        if "503" in operation["responses"] and path.startswith("/v1")
    }
    assert {path for path, told in kinds.items() if "labels-unavailable" in told} == {
        path for path in paths if path.startswith("/v1/labels")
    }
    assert {"201", "413", "422", "503"} < set(paths["/v1/labels"]["post"]["responses"])
    assert {"200", "404", "422", "503"} < set(paths["/v1/labels/{id}"]["delete"]["responses"])

"""The API keeps the word of its own description, whatever is sent: schemathesis, with every check and every phase.

It sends what the description allows and what it forbids to a real server with the shipped model, and holds every
answer to what is said of it. Limits are small, so that they are met; loading the model anew is left to test_reload.py.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.classifier import Classifier
from service import reload
from service.keys import Scope, add_key
from tests.service.live import Server, running

HERE = Path(__file__).parent
EXAMPLES = 100
SMALL: dict[str, Any] = {
    "threads": 1, "max_texts": 24, "max_characters": 20, "max_document_characters": 200, "max_sentences": 200,
}  # fmt: skip


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(threads=1)


@pytest.fixture(autouse=True)
def loaded(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload finds the model that is loaded already, since the contract's takes hundreds of them."""
    monkeypatch.setattr(reload, "load_classifier", lambda _: classifier)


def run(port: int, folder: Path, *words: str) -> dict[str, Any]:
    """Run schemathesis against a server; what it reports."""
    report = folder / "report.json"
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    given = ["--config-file", str(HERE / "schemathesis.toml"), "run", f"http://127.0.0.1:{port}/openapi.json"]
    done = subprocess.run(
        [*command, *given, "--report-json-path", str(report), "--no-color", "--max-examples", str(EXAMPLES), *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def requests(server: Server, method: str, path: str) -> int:
    """How many requests an operation has had, as the server counts them."""
    series = re.compile(rf'ru_stance_requests_total{{method="{method}",route="{re.escape(path)}",.* ([0-9.]+)')
    return sum(int(float(count)) for count in series.findall(server.get("/metrics").body.decode()))


def test_every_operation_keeps_its_word(classifier: Classifier, tmp_path: Path) -> None:
    with running(classifier, data=tmp_path / "data", **SMALL) as server:
        found = run(server.port, tmp_path)
        described = server.app.openapi()["paths"]
        operations = [(path, method, described[path][method]) for path in described for method in described[path]]
        assert found["operations"]["tested"] == len(operations)
        for path, method, operation in operations:
            # Where nothing can be said, there is little to try.
            if "requestBody" in operation or "parameters" in operation:
                assert requests(server, method.upper(), path) >= EXAMPLES, (method, path)


def test_with_keys_every_operation_keeps_its_word_and_asks_for_one(classifier: Classifier, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    key = add_key(keys, "contract", list(Scope))
    with running(classifier, data=tmp_path / "data", keys_file=keys, **SMALL) as server:
        run(server.port, tmp_path, "--max-examples", "25", "--header", f"Authorization: Bearer {key}")

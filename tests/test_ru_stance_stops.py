"""A command that is stopped, or whose output is full: it says so, and leaves nothing half-written."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ru_stance import app
from tests.service.live import until
from tests.test_ru_stance import CSV, ROOT


def test_a_full_standard_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(CSV, "utf-8")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ru_stance", "score", str(tmp_path / "in.csv")],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("ru-stance: standard output: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Lets the processes of a test be interrupted, though this one may have been started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_scoring_that_is_stopped_leaves_no_output_and_goes_on(tmp_path: Path) -> None:
    # More than any machine scores before it is stopped.
    texts = [f"The delegation of {number} ministers landed on Monday." for number in range(300_000)]
    (tmp_path / "in.txt").write_text("\n".join(texts), "utf-8")
    words = [sys.executable, "-m", "ru_stance", "score", str(tmp_path / "in.txt"), "-o", str(tmp_path / "out.csv")]
    kept = tmp_path / ".out.csv.ru-stance"
    for stop, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        for unfinished in kept.glob("*.rows.tmp"):
            unfinished.unlink()
        with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
            try:
                until(lambda: process.poll() is not None or any(kept.glob("*.rows.tmp")))
                process.send_signal(stop)
                _, told = process.communicate(timeout=300)
            finally:
                process.kill()
        assert process.returncode == status
        assert "Traceback" not in told
        assert f"kept in {kept}. The same command goes on" in told
        assert {path.name for path in tmp_path.iterdir()} == {"in.txt", kept.name}


def test_a_scoring_leaves_the_signals_of_its_process_as_they_were(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    (tmp_path / "in.csv").write_text(CSV, "utf-8")
    done = CliRunner().invoke(app, ["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")])
    assert done.exit_code == 0, done.output
    assert signal.getsignal(signal.SIGTERM) is before

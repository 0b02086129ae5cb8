"""A command that is stopped, or whose output is full: it says so, and leaves nothing half-written."""

import signal
import subprocess
import sys
import time
from pathlib import Path

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


def test_a_scoring_that_is_stopped_leaves_no_output_and_goes_on(tmp_path: Path) -> None:
    texts = [f"The delegation of {number} ministers landed on Monday." for number in range(20_000)]
    (tmp_path / "in.txt").write_text("\n".join(texts), "utf-8")
    words = [sys.executable, "-m", "ru_stance", "score", str(tmp_path / "in.txt"), "-o", str(tmp_path / "out.csv")]
    kept = tmp_path / ".out.csv.ru-stance"
    unfinished = kept / "000000.rows.tmp"
    for stop, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        unfinished.unlink(missing_ok=True)
        with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
            deadline = time.monotonic() + 60
            while not unfinished.exists():
                assert process.poll() is None
                assert time.monotonic() < deadline, "no output was begun in time"
                time.sleep(0.05)
            process.send_signal(stop)
            _, told = process.communicate(timeout=60)
        assert process.returncode == status
        assert "Traceback" not in told
        assert f"kept in {kept}. The same command goes on" in told
        assert {path.name for path in tmp_path.iterdir()} == {"in.txt", kept.name}

"""The Dockerfile: what it builds serves, without torch, without writing anything, and to no more than was asked for."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_build import ROOT, Image, build, environment_of


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build(tmp_path_factory.mktemp("docker") / "image")


def _start(image: Image, **more: str) -> subprocess.Popen[str]:
    environment = environment_of(image, RU_STANCE_PORT="0", RU_STANCE_THREADS="1", **more)
    program = image.workdir / "venv" / "bin" / image.command[0]
    return subprocess.Popen(
        image.command, executable=program, cwd=image.workdir, env=environment, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def port(image: Image) -> Iterator[int]:
    """The port of the service, as the README's run command starts it, with no home and nowhere to write."""
    with _start(image, RU_STANCE_ALLOW_OPEN="true", HOME="/nowhere", TMPDIR="/nowhere") as popen:
        assert popen.stderr is not None
        entry = next((entry for line in popen.stderr if (entry := json.loads(line))["message"] == "serving"), None)
        assert entry is not None, "the service did not start"
        yield int(entry["url"].rpartition(":")[2])
        popen.terminate()
        assert popen.wait(20) == 0


def test_what_it_builds_serves_and_writes_nothing(image: Image, port: int) -> None:
    before = _files(image.root)
    body = json.dumps({"texts": ["The convoy reached the border on Tuesday."]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/classify", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert len(json.load(answer)["results"]) == 1
    assert _files(image.root) == before


def test_its_health_check_tells_a_healthy_service_from_none(image: Image, port: int) -> None:
    for asked, status in ((port, 0), (1, 1)):
        done = subprocess.run(
            [image.workdir / "venv" / "bin" / image.healthcheck[0], *image.healthcheck[1:]],
            env=environment_of(image, RU_STANCE_PORT=str(asked)),
            capture_output=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == status, done.stderr.decode()


def test_it_does_not_serve_everyone_unasked(image: Image) -> None:
    popen = _start(image)
    _, errors = popen.communicate(timeout=30)
    assert popen.returncode == 1
    assert "RU_STANCE_ALLOW_OPEN" in errors


def test_it_is_small_has_no_torch_and_no_root(image: Image) -> None:
    packages = next((image.workdir / "venv" / "lib").glob("python*/site-packages"))
    names = {path.name.partition("-")[0].lower() for path in packages.glob("*.dist-info")}
    assert "onnxruntime" in names
    assert not names & {"torch", "transformers", "datasets", "pyarrow", "scikit_learn", "matplotlib"}
    assert not list(packages.glob("training/data"))
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())
    assert size < 400e6, f"{size / 1e6:.0f} MB"
    assert image.user.partition(":")[0].isdigit()
    assert int(image.user.partition(":")[0]) > 0


def test_the_build_context_has_what_is_copied_and_no_more() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [
        word
        for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()
        if line.startswith("COPY") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert sorted(copied) == sorted(allowed)


def _files(folder: Path) -> dict[str, tuple[int, float]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime) for path in folder.rglob("*") if path.is_file()}

"""A read-only file system, and a user without a name or a home: the service serves, and says what it cannot keep."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.live import Server

ROOT = Path(__file__).parents[2]
USER = 54321
SERVE = "from service.server import serve; from service.settings import load_settings; serve(load_settings())"


def _mount(*words: str | Path) -> None:
    done = subprocess.run(["mount", *words], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("this container may not mount")


@pytest.fixture
def mounted() -> Iterator[Path]:
    """The program, Python and its packages on read-only mounts that every user may read."""
    if os.geteuid() != 0:
        pytest.skip("a file system can be mounted, and another user be taken, by root only")
    folder = Path(f"/tmp/ru-stance-read-only-{os.getpid()}")  # not below a folder that is root's alone
    folder.mkdir(mode=0o755)
    try:
        _mount("-t", "tmpfs", "-o", "size=1g,mode=755", "none", folder)
        for name in ("models", "service"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name, origin in (("python", sys.base_prefix), ("packages", sysconfig.get_path("purelib"))):
            (folder / name).mkdir()
            _mount("--bind", origin, folder / name)
            _mount("-o", "remount,bind,ro", folder / name)
        _mount("-o", "remount,ro", folder)
        yield folder
    finally:
        for name in ("packages", "python", ""):
            subprocess.run(["umount", "--lazy", folder / name], check=False, capture_output=True)
        folder.rmdir()


def test_it_serves_from_a_read_only_mount_as_an_arbitrary_user(mounted: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nowhere",
        "TMPDIR": "/nowhere",
        "LD_LIBRARY_PATH": str(mounted / "python" / "lib"),  # where Python is a shared library
        "RU_STANCE_PORT": "0",
        "RU_STANCE_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(mounted), str(mounted / "packages")]),
        "RU_STANCE_DATA": str(mounted / "data"),
    }
    python = mounted / "python" / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    with subprocess.Popen(
        [python, "-c", SERVE],
        cwd=mounted,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        user=USER,
        group=USER,
        extra_groups=[],
    ) as process:
        assert process.stderr is not None
        entry = next((entry for line in process.stderr if (entry := json.loads(line))["message"] == "serving"), None)
        try:
            assert entry is not None, "the service did not start"
            server = Server(int(entry["url"].rpartition(":")[2]), None)
            assert server.post("/v1/classify", {"texts": ["The convoy reached the border."]}).status == 200
            assert server.get("/v1/labels").json["labels"] == []
            refused = server.post("/v1/labels", {"text": "They came to loot.", "label": "critical"})
            assert refused.status == 503
            assert "cannot be made" in refused.json["detail"]
            assert "RU_STANCE_DATA" in refused.json["detail"]
            reload = server.post("/v1/model/reload", {})
            assert reload.status == 409
            assert server.get("/readyz").status == 200
        finally:
            process.terminate()
        assert process.wait(60) == 0

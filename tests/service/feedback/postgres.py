"""A PostgreSQL server for the tests, from the machine's own programs; nothing that runs already is touched."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Set where a server has to be there, as in .ci/run: a skip would hide that nothing was tested.
REQUIRED = "TESTS_REQUIRE_POSTGRES"
DEBIAN = Path("/usr/lib/postgresql")
HINT = "These tests need PostgreSQL's own programs, and as root its user: apt-get install postgresql"


@contextmanager
def server() -> Iterator[str]:
    """A server that only this process reaches, for the length of a ``with`` block; gives the folder of its socket."""
    programs = _programs()
    user = "postgres" if os.geteuid() == 0 else None
    if programs is None or (user and not _is_user(user)):
        if os.environ.get(REQUIRED):
            pytest.fail(HINT)
        pytest.skip(HINT)
    folder = Path(tempfile.mkdtemp(prefix="labels-"))
    if user:
        shutil.chown(folder, user, user)  # the server refuses to run as root
    data = folder / "data"
    _run(user, programs / "initdb", "--pgdata", data, "--username", "tests", "--auth", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        _run(user, programs / "pg_ctl", "start", "--wait", "-D", data, "-l", folder / "log", "-o", options)
        yield str(folder)
    finally:
        _run(user, programs / "pg_ctl", "stop", "--wait", "-D", data, "-m", "immediate")
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Where the server's programs are: on the path, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return max((path.parent for path in DEBIAN.glob("*/bin/initdb")), default=None)


def _is_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _run(user: str | None, *words: Any) -> None:
    group = {"group": user, "extra_groups": []} if user else {}
    subprocess.run(
        [str(word) for word in words],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=120,
        **group,  # type: ignore[arg-type]
    )

"""The file of keys, and the command that writes it."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.errors import InputError, SettingsError
from service.keys import PREFIX, Scope, add_key, find_key, read_keys, remove_key

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_random_and_only_its_hash_is_kept(path: Path) -> None:
    secrets = [add_key(path, f"user-{number}", [Scope.READ]) for number in range(3)]
    assert len({secret for secret in secrets if secret.startswith(PREFIX) and len(secret) >= 43}) == 3
    assert not any(secret.removeprefix(PREFIX) in path.read_text("utf-8") for secret in secrets)
    assert [find_key(read_keys(path), secret) for secret in secrets] == list(read_keys(path))


def test_the_file_is_its_owners_alone_and_keeps_a_mode_that_was_given(path: Path) -> None:
    add_key(path, "a", [Scope.READ])
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    add_key(path, "b", [Scope.READ])
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_is_no_key_is_not_found(path: Path) -> None:
    secret = add_key(path, "a", Scope)
    keys = read_keys(path)
    for other in ("", secret[:-1], secret + "a", secret.upper(), keys[0].sha256, "ключ"):
        assert find_key(keys, other) is None


def test_a_removed_key_is_gone_and_the_others_stay(path: Path) -> None:
    first, second = (add_key(path, name, [Scope.LABEL, Scope.ADMIN]) for name in ("first", "second"))
    remove_key(path, "first")
    assert find_key(read_keys(path), first) is None
    found = find_key(read_keys(path), second)
    assert found is not None
    assert (found.name, found.scopes) == ("second", {Scope.LABEL, Scope.ADMIN})


def test_what_cannot_be_done_is_told(path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_keys(path)
    add_key(path, "a", [Scope.READ])
    with pytest.raises(InputError, match="There is a key named a"):
        add_key(path, "a", [Scope.READ])
    with pytest.raises(InputError, match=r"no key named b in .*It has: a"):
        remove_key(path, "b")
    with pytest.raises(InputError, match="Give the key a scope"):
        add_key(path, "b", [])
    for name in ("", "a b", "é", "a" * 65, "a\n"):
        with pytest.raises(InputError, match="name has 1 to 64"):
            add_key(path, name, [Scope.READ])
    assert [key.name for key in read_keys(path)] == ["a"]


def test_keys_that_are_made_and_removed_at_once_are_all_kept(path: Path) -> None:
    add_key(path, "first", [Scope.READ])
    names = [f"user-{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as people:
        secrets = list(people.map(lambda name: add_key(path, name, [Scope.READ]), names))
        assert {key.name for key in read_keys(path)} == {"first", *names}
        list(people.map(lambda name: remove_key(path, name), [*names[:6], "first"]))
    assert [find_key(read_keys(path), secret) is not None for secret in secrets] == [False] * 6 + [True] * 6
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no lock is left behind"


@pytest.mark.parametrize("content", ["", "[]", '{"keys": [{}]}', '{"keys": [], "more": 1}'])
def test_a_damaged_file_is_told_and_left_alone(path: Path, content: str) -> None:
    path.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match="damaged"):
        read_keys(path)
    with pytest.raises(SettingsError, match="damaged"):
        add_key(path, "a", [Scope.READ])
    assert path.read_text("utf-8") == content


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ru_stance", "keys", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_command_adds_lists_and_removes(path: Path) -> None:
    made = command("add", "newsroom", "--scope", "read,label", "--file", path)
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    found = find_key(read_keys(path), secret)
    assert found is not None
    assert found.scopes == {Scope.READ, Scope.LABEL}
    assert secret not in made.stderr
    assert "not shown again" in made.stderr
    listed = command("list", "--file", path)
    assert listed.stdout == f"newsroom\tread,label\t{found.created:%Y-%m-%d}\n"
    refused = command("add", "b", "--scope", "write", "--file", path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "one or more of read, label, admin" in refused.stderr
    assert command("remove", "newsroom", "--file", path).returncode == 0
    assert json.loads(path.read_text("utf-8")) == {"keys": []}

"""Versions, the pointer to the released one, and the audit log; what is broken is told and never followed."""

import json
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.directory import RELEASED, open_directory
from models.errors import InputError, ModelBroken, ModelNotFound, OutputError
from models.folders import REGISTRY_VARIABLE, data_folder, registry_folder
from models.registry import SHIPPED, Registry
from tests.models.conftest import make_model


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with the versions one and two; the default one of this process."""
    folder = tmp_path / "registry"
    monkeypatch.setenv(REGISTRY_VARIABLE, str(folder))
    (folder / "versions").mkdir(parents=True)
    for version in ("one", "two"):
        make_model(folder / "versions" / version, version=version)
    return Registry()


def test_without_a_release_the_shipped_model_is_the_default(registry: Registry) -> None:
    assert (registry.released(), registry.released_directory()) == (None, None)
    assert open_directory().path == RELEASED
    assert registry.versions() == ["one", "two"]


def test_releases_are_followed_and_gone_back_one_by_one(registry: Registry) -> None:
    registry.release("one", why="better on our posts", by="Ada", figures={"macro_f1": 0.7})
    assert open_directory().info.version == "one"
    assert Classifier.load(threads=1).info.version == "one"
    registry.release("two", why="again")
    assert registry.released_directory() == registry.folder / "versions" / "two"
    assert registry.rollback(why="two was worse", by="Bo").version == "one"
    assert registry.rollback(why="one too").version == SHIPPED
    assert open_directory().path == RELEASED
    with pytest.raises(InputError, match="No version that is still there was released before"):
        registry.rollback(why="further")
    told = [(line["action"], line["version"], line["why"]) for line in registry.history()]
    assert told == [
        ("release", "one", "better on our posts"),
        ("release", "two", "again"),
        ("rollback", "one", "two was worse"),
        ("rollback", SHIPPED, "one too"),
    ]
    first, _, third, _ = registry.history()
    assert (first["by"], first["figures"], third["by"]) == ("Ada", {"macro_f1": 0.7}, "Bo")
    assert all(line["time"].endswith("+00:00") and line["by"] for line in registry.history())


def test_a_version_released_once_more_is_gone_back_from_at_once(registry: Registry) -> None:
    registry.release("one", why="better")
    registry.release("two", why="again")
    registry.release("two", why="once more")
    assert registry.rollback(why="two was worse").version == "one"
    registry.release(SHIPPED, why="back")
    assert registry.rollback(why="further").version == "one"


def test_the_registry_can_be_moved(registry: Registry, tmp_path: Path) -> None:
    registry.release("two", why="so")
    moved = registry.folder.rename(tmp_path / "elsewhere")
    assert Registry(moved).released_directory() == moved / "versions" / "two"


@pytest.mark.parametrize("name", ["../two", "/etc", "", ".", "..", "a/b", "a" * 101, SHIPPED, "x\n", "-f"])
def test_a_name_that_could_lead_elsewhere_is_refused(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match="version's name"):
        registry.place_of(name)


def test_a_version_that_there_is_not_is_told_with_those_that_there_are(registry: Registry) -> None:
    for act in (
        registry.find,
        lambda name: registry.release(name, why="so"),
        lambda name: registry.remove(name, why=""),
    ):
        with pytest.raises(ModelNotFound, match=r"no version three.*one, two, shipped"):
            act("three")
    assert (registry.released(), registry.history()) == (None, [])


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"version": 1, "path": "versions/1", "released": "", "by": "", "why": "", "previous": []}),
        json.dumps({"version": "one", "path": "versions/one", "released": "", "by": "", "why": "", "previous": [1]}),
        json.dumps({"version": "one", "path": "../../etc", "released": "", "by": "", "why": "", "previous": []}),
        json.dumps(
            {"version": "../one", "path": "versions/../one", "released": "", "by": "", "why": "", "previous": []}
        ),
    ],
)
def test_a_broken_pointer_is_not_followed_and_a_release_mends_it(registry: Registry, content: str) -> None:
    registry.pointer.write_text(content, "utf-8")
    with pytest.raises(ModelBroken, match=r"released\.json.*release"):
        open_directory()
    registry.release("one", why="the pointer was broken")
    assert open_directory().info.version == "one"


def test_only_what_is_not_released_is_removed(registry: Registry) -> None:
    registry.release("one", why="so")
    registry.release("two", why="so")
    with pytest.raises(InputError, match="is released"):
        registry.remove("two", why="room")
    registry.remove("one", why="room")
    assert registry.versions() == ["two"]
    assert registry.history()[-1]["action"] == "remove"


def test_a_rollback_goes_past_what_was_removed(registry: Registry) -> None:
    for version in ("one", "two", "one"):
        registry.release(version, why="so")
    registry.remove("two", why="room")
    assert registry.rollback(why="worse").version == SHIPPED
    with pytest.raises(InputError, match="release one"):
        registry.rollback(why="further")


@pytest.mark.parametrize("name", [SHIPPED, "released"])
def test_what_commands_call_another_model_is_no_versions_name(registry: Registry, name: str) -> None:
    make_model(registry.folder / "versions" / name, version=name)
    assert registry.versions() == ["one", "two"]
    with pytest.raises(InputError, match=f"neither.*{name}"):
        registry.place_of(name)


def test_an_announcement_writes_the_pointer_anew(registry: Registry) -> None:
    assert registry.announce().version == SHIPPED
    assert open_directory().path == RELEASED
    registry.release("one", why="so", by="Ada")
    before = registry.pointer.stat()
    assert registry.announce().by == "Ada"
    assert registry.pointer.stat().st_ino != before.st_ino


def test_a_registry_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    registry = Registry(tmp_path / "file" / "registry")
    with pytest.raises(OutputError, match="cannot be written"):
        registry.release(SHIPPED, why="so")


def test_the_folders_are_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RU_STANCE_DATA", str(tmp_path / "mine"))
    assert registry_folder() == tmp_path / "mine" / "registry"
    monkeypatch.delenv("RU_STANCE_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert data_folder() == tmp_path / "xdg" / "ru-stance"
    assert not list(tmp_path.iterdir())

"""The house stays in order: which room imports which, what serving never loads, and how long a file may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "service", "training")
# What each room may import of ours; the front door knows all of them, and nothing imports it.
MAY_IMPORT = {"models": {"models"}, "service": {"models", "service"}, "training": {"models", "training"}}
HEAVY = {"torch", "transformers", "datasets", "accelerate", "sklearn", "scipy", "safetensors", "onnx", "pandas"}
LONGEST = 250


def sources(room: str) -> list[Path]:
    """The Python files of a room."""
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of all that a file imports, inside of functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative path, which hides the room"
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_the_house_allows(room: str) -> None:
    ours = {*ROOMS, "ru_stance", "tests", "benchmarks"}
    assert len(sources(room)) > 5
    for path in sources(room):
        assert set(imported(path)) & ours <= MAY_IMPORT[room], path


@pytest.mark.parametrize("room", ["models", "service"])
def test_serving_imports_nothing_that_only_training_needs(room: str) -> None:
    for path in sources(room):
        assert not set(imported(path)) & HEAVY, path


def test_the_front_door_opens_without_what_only_some_commands_need() -> None:
    """Each of these takes longer to import than ``ru-stance --help`` takes to run."""
    slow = {"numpy", "onnxruntime", "tokenizers", "pydantic", "fastapi", "sqlalchemy", "rich"}
    code = f"import sys, ru_stance; print(*sorted({slow} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_models_knows_no_http() -> None:
    for path in sources("models"):
        assert not set(imported(path)) & {"fastapi", "starlette", "uvicorn", "pydantic", "typer"}, path


def test_every_room_has_its_tests_where_they_are_looked_for() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        room, *rest = path.relative_to(ROOT / "tests").parts
        assert not rest or room in (*ROOMS, "benchmarks", "contract", "faults", "fuzz"), path


def test_every_folder_of_modules_is_a_package_that_says_what_it_is_for() -> None:
    for folder in {path.parent for room in ROOMS for path in sources(room)}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))), folder


def test_no_file_is_too_long() -> None:
    files = [ROOT / "ru_stance.py", *(path for room in (*ROOMS, "tests", "benchmarks") for path in sources(room))]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST} == {}


def test_what_is_public_says_what_it_does() -> None:
    nameless = []
    for path in (ROOT / "ru_stance.py", *(path for room in ROOMS for path in sources(room))):
        module = ast.parse(path.read_text("utf-8"))
        nameless += [] if ast.get_docstring(module) else [str(path)]
        classes = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
        # What a class takes over from a library is documented there.
        ours = [node for node in classes if not node.bases]
        for body in (module.body, *(node.body for node in ours)):
            for node in body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
                    nameless += [] if ast.get_docstring(node) else [f"{path}:{node.lineno} {node.name}"]
    assert nameless == []


def test_the_base_install_has_all_that_serving_imports() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {line.partition(">")[0].partition("=")[0].replace("-", "_") for line in project["dependencies"]}
    # They come with fastapi and with pydantic; what the extras bring is asked for where it is needed.
    extras = {"pyarrow", "matplotlib", "jinja2", "markdown_it", "ray"}
    extras |= {"charset_normalizer", "fsspec", "backports", "compression"}
    known = names | extras | {"starlette", "pydantic", "pydantic_core", *sys.stdlib_module_names, *ROOMS}
    for path in (ROOT / "ru_stance.py", *sources("models"), *sources("service")):
        assert set(imported(path)) <= known, path

"""The reference pages in ``docs``, made from the code: ``python -m tests.reference``."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import typer
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

import ru_stance
from service.app import create_app
from service.keys import Scope, add_key
from service.lines import ScoreLine
from service.metrics import Metrics
from service.problems import BY_ERROR, BY_STATUS
from service.settings import ENV_PREFIX, Settings
from training.marked import write_section

DOCS: Final = Path(__file__).parents[1] / "docs"
# Columns of a terminal in which the commands tell their options.
_WIDTH: Final = 110
_SCHEMA: Final = "#/components/schemas/"
# What makes a name, a value or a path stand out in a table.
_NAME: Final = re.compile(r"(?<![`\w])(RU_STANCE_\w+|~/[\w./-]+|(?:sqlite|postgresql)://[\w:@/]+|/v1/\w+)(?!`)")


def settings() -> str:
    """Every setting of the service, as a table."""
    rows = [
        (f"`{ENV_PREFIX}{name.upper()}`", _value(field.default), _cell(field.description or ""))
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def commands() -> str:
    """Every command with its arguments and options."""
    return "\n\n".join(_commands(typer.main.get_command(ru_stance.app)))


def endpoints() -> str:
    """Every endpoint with what it takes and answers."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder, "keys.json")
        add_key(keys, "reference", [Scope.READ])
        description = create_app(Settings(keys_file=keys)).openapi()
    schemas = {**description["components"]["schemas"], "ScoreLine": ScoreLine.model_json_schema()}
    return "\n\n".join(
        part
        for path, operations in sorted(description["paths"].items())
        for method, operation in operations.items()
        for part in _operation(method.upper(), path, operation, schemas)
    )


def problems() -> str:
    """Every kind of problem that an endpoint answers with."""
    kinds = sorted({(kind.status, kind.name, kind.title) for kind in (*BY_STATUS.values(), *BY_ERROR.values())})
    return _table(("status", "type", "title"), [(str(status), f"`{name}`", title) for status, name, title in kinds])


def metrics() -> str:
    """Every series that Prometheus is told."""
    counters = Metrics()
    # A series that has labels tells their names once something was counted.
    counters.answered("/v1/classify", "POST", 200, 0.1)
    counters.expect([("/v1/classify", "POST")])
    rows = []
    for family in text_string_to_metric_families(counters.render("")[0].decode()):
        if family.name.endswith("_created"):
            continue
        labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
        name = family.name + ("_total" if family.type == "counter" else "")
        rows.append((f"`{name}`", family.type, ", ".join(f"`{label}`" for label in labels), family.documentation))
    return _table(("series", "kind", "labels", "meaning"), rows)


# Where each section stands.
SECTIONS: Final[dict[str, tuple[Path, Callable[[], str]]]] = {
    "settings": (DOCS / "settings.md", settings),
    "commands": (DOCS / "commands.md", commands),
    "endpoints": (DOCS / "endpoints.md", endpoints),
    "problems": (DOCS / "endpoints.md", problems),
    "metrics": (DOCS / "metrics.md", metrics),
}


def _commands(command: Any, *path: str) -> Iterator[str]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, *path, name)
    if not hasattr(command, "commands"):
        shown = CliRunner().invoke(ru_stance.app, [*path, "--help"], terminal_width=_WIDTH, prog_name="ru-stance")
        assert shown.exit_code == 0, path
        told = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        yield f"## ru-stance {' '.join(path)}\n\n```\n{told}\n```"


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    yield f"### {method} {path}\n\n{_text(operation['description'])}"
    scopes = sorted({scope for item in operation.get("security", ()) for names in item.values() for scope in names})
    keyless = "401" not in operation["responses"]
    rows = [
        (f"`{item['name']}`", item["in"], _kind(item["schema"]), _cell(item.get("description", "")))
        for item in operation.get("parameters", ())
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = schemas[content["schema"]["$ref"].removeprefix(_SCHEMA)]
        for name, field in schema["properties"].items():
            must = ", required" if name in schema.get("required", ()) else ""
            rows.append((f"`{name}`", f"body{must}", _kind(field), _cell(field.get("description", ""))))
    if rows:
        yield _table(("name", "where", "type", "meaning"), rows)
    needs = "No key is asked for." if keyless else f"Scope of the key: {', '.join(f'`{each}`' for each in scopes)}."
    statuses = ", ".join(f"{status}" for status in sorted(operation["responses"]))
    yield f"{needs} Statuses: {statuses}."


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMA)
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    kind = str(schema.get("type", "any"))
    return f"list of {_kind(schema['items'])}" if kind == "array" and "items" in schema else kind


def _value(value: Any) -> str:
    if value in (None, ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _cell(text: str) -> str:
    """A description on one line of a table, with the names in it as code."""
    return _NAME.sub(r"`\1`", " ".join(text.split()).replace("|", "\\|").replace("*", "\\*"))


def _text(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)).replace("|  |", "| |")


if __name__ == "__main__":
    for section, (page, make) in SECTIONS.items():
        write_section(page, section, make())

"""``ru-stance model``: compare, release, roll back, list and remove versions of the model."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import InputError, ReleaseRefused
from models.registry import RELEASED, SHIPPED, Registry, Release
from training.commands import training_extra

model = typer.Typer(
    name="model",
    help="Compare, release, roll back, list and remove versions of the model.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="A version in the registry, 'released', 'shipped', or a model's folder.")]
Why = Annotated[str, typer.Option(help="The reason; goes into the audit log.")]
By = Annotated[str | None, typer.Option(help="Who decides it; the system's user when left out.")]


@model.command()
def compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="The model that is there: a version, 'released' or a folder.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="The one that may take its place.")],
    data: Annotated[
        list[str],
        typer.Option(help="File of rows with text and label that neither was trained on, or shipped-test; repeatable."),
    ],
    json_file: Annotated[Path | None, typer.Option("--json", help="File to write the figures to, as JSON.")] = None,
) -> None:
    """Tell whether B is better than A, no worse or worse, beyond chance, on frozen rows, by label and by slice."""
    with training_extra("Comparing models", "train"):
        from training.compare import compare as run
        from training.compare import frozen_rows
        from training.comparison_tables import comparison_tables
        from training.record import write_json
    from rich.console import Console

    from models.classifier import Classifier

    a, b = (Classifier.load(place_of(name)) for name in (first, second))
    found = [run(a, b, frozen_rows(each), Path(each).name) for each in data]
    for each in found:
        Console(width=None if Console().is_terminal else 120).print(comparison_tables(each))
    if json_file is not None:
        write_json(json_file, [each.to_dict() for each in found])


@model.command()
def release(
    version: Annotated[str, typer.Argument(help="A version in the registry, or 'shipped'.")],
    why: Why = "",
    by: By = None,
    force: Annotated[bool, typer.Option("--force", help="Release it although it is worse; needs --why.")] = False,
) -> None:
    """Serve a version from now on, if it is not worse than the released one, beyond chance, on frozen rows.

    Compared are the two on the version's own frozen test and on the shipped test split. Running services take it.
    """
    if force and not why:
        raise InputError("--force needs a reason for the audit log: --why '...'")
    with training_extra("The release gate", "train"):
        from training.comparison_tables import comparison_tables
        from training.gate import gate
    from rich.console import Console

    from models.directory import open_directory, verify

    registry = Registry()
    directory = registry.find(version)
    if directory is not None:
        verify(directory)
    present = open_directory(place_of(RELEASED))
    found = gate(present.path, directory or place_of(SHIPPED))
    for each in found:
        Console(width=None if Console().is_terminal else 120).print(comparison_tables(each))
    worse = [each.name for each in found if each.verdict == "worse"]
    if worse and not force:
        raise ReleaseRefused(
            f"{version} is worse than {present.info.version} on {' and '.join(worse)}, beyond chance; it is not "
            "released. To release it all the same: --force --why '...'"
        )
    done = registry.release(
        version,
        why=why or "passed the gate",
        by=by,
        action="forced release" if worse else "release",
        figures={"against": present.info.version, "sets": [_brief(each) for each in found]},
    )
    _tell(done)


@model.command()
def rollback(why: Why, by: By = None) -> None:
    """Serve the version that was released before the present one, and has not been removed."""
    _tell(Registry().rollback(why=why, by=by))


@model.command("list")
def list_versions(
    log: Annotated[bool, typer.Option("--log", help="Print the audit log instead, as lines of JSON.")] = False,
) -> None:
    """Print the versions, with tabs between the columns: version, when it was made, what is served, and the folder."""
    registry = Registry()
    if log:
        for line in registry.history():
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    current = registry.released()
    released = current.version if current else SHIPPED
    for name in (SHIPPED, *registry.versions()):
        place = registry.find(name) or place_of(SHIPPED)
        typer.echo(f"{name}\t{_made(place)}\t{RELEASED if name == released else ''}\t{place}")


@model.command()
def remove(version: Annotated[str, typer.Argument(help="Which one.")], why: Why = "", by: By = None) -> None:
    """Delete a version that is not released."""
    Registry().remove(version, why=why, by=by)
    typer.echo(f"Version {version} is deleted.")


def place_of(name: str) -> Path:
    """The folder of a model that a command names.

    Raises:
        InputError, ModelNotFound: there is no such version or folder.
        ModelBroken: the registry's pointer cannot be read.
    """
    from models.directory import RELEASED as SHIPPED_FOLDER
    from models.directory import default_directory

    registry = Registry()
    if name == SHIPPED:
        return SHIPPED_FOLDER
    if name == RELEASED:
        return default_directory()
    if Path(name).is_dir() or "/" in name:
        return Path(name)
    return registry.find(name) or SHIPPED_FOLDER


def _made(directory: Path) -> str:
    """When a model was made; empty where it does not say, so that a broken one is listed, too."""
    from models.directory import METRICS

    try:
        return str(json.loads((directory / METRICS).read_text("utf-8")).get("made", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _brief(found: Any) -> dict[str, Any]:
    """What the audit log keeps of a comparison."""
    difference = found.overall.difference
    return {
        "set": found.name,
        "rows": found.overall.rows,
        "verdict": found.verdict,
        "macro_f1": [found.overall.a, found.overall.b],
        "difference": difference.to_dict() if difference else None,
        "mcnemar_p": found.p,
    }


def _tell(release: Release) -> None:
    typer.echo(f"Released: {release.version}. Running services take it within seconds.")

"""``ru-stance keys``: makes, lists and removes the service's API keys."""

from pathlib import Path
from typing import Annotated, Final

import typer

from models.errors import InputError
from service.scopes import Scope

_VARIABLE: Final = "RU_STANCE_KEYS_FILE"

keys = typer.Typer(
    name="keys",
    help="Make, list and remove the service's API keys.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[
    Path, typer.Option(envvar=_VARIABLE, help="The file of keys that the service reads; it holds hashes only.")
]
Name = Annotated[str, typer.Argument(help="Whose key it is; stands in the service's log.")]


@keys.command()
def add(
    name: Name,
    file: File,
    scope: Annotated[str, typer.Option(help=f"What it may do, separated by commas: {', '.join(Scope)}.")] = Scope.READ,
) -> None:
    """Make a key and print it, once: the file holds only its hash."""
    from service.keys import add_key

    typer.echo(add_key(file, name, _scopes(scope)))
    typer.echo(f"Keep this key now: it is not shown again. Serve with {_VARIABLE}={file}", err=True)


@keys.command("list")
def list_keys(file: File) -> None:
    """Print the keys' names, scopes and dates, with tabs between them."""
    from service.keys import read_keys

    for key in read_keys(file):
        typer.echo(f"{key.name}\t{','.join(scope for scope in Scope if scope in key.scopes)}\t{key.created:%Y-%m-%d}")


@keys.command()
def remove(name: Name, file: File) -> None:
    """Remove a key; a running service refuses it from the next request on."""
    from service.keys import remove_key

    remove_key(file, name)


def _scopes(words: str) -> list[Scope]:
    try:
        return [Scope(word.strip()) for word in words.split(",") if word.strip()]
    except ValueError:
        raise InputError(f"--scope takes one or more of {', '.join(Scope)}, separated by commas.") from None

"""Query parameters: one that no route reads is refused, since it is most often a misspelt one."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from models.errors import InputError
from service.spelling import meant

# The compatible routes and the probes ignore what they do not know, as their clients expect.
_STRICT = "/v1/"
# Characters that are told of an unknown parameter's name.
_LONGEST_NAME = 40


async def known_parameters(request: Request) -> None:
    """Check the names of the query parameters of our own routes.

    Raises:
        InputError: the route reads no parameter of one of these names.
    """
    if not request.query_params or not request.url.path.startswith(_STRICT):
        return
    known = set(_names(request.scope["route"].dependant))
    for name in request.query_params:
        if name not in known:
            told = meant(name, known) if known else "this path takes none."
            raise InputError(f'The query parameter "{name[:_LONGEST_NAME]}" is not known here; {told}')


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names(each)

"""What the description of the API says of the path that a request was sent to."""

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope


def template_of(scope: Scope) -> str | None:
    """The template of the route that takes a request, as the description has it; None where no route does."""
    route = scope.get("route")
    # A folder of files is no such route, and counts as one path.
    template: str | None = getattr(route, "path_format" if isinstance(route, APIRoute) else "path", None)
    return template


def tell_methods(request: Request, error: Exception) -> None:
    """Have a refusal of a request's method name all that its path takes: the error knows those of one route only."""
    methods = request.app.openapi()["paths"].get(template_of(request.scope), ())
    if isinstance(error, HTTPException) and error.status_code == 405 and methods:
        error.headers = {**(error.headers or {}), "Allow": ", ".join(sorted(map(str.upper, methods)))}

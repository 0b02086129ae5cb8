"""The API's description and its page; the page's script and style are the package's own files."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, JSONResponse

from service.openapi import describe
from service.routes.page import FRESH, PackageFiles
from service.state import ServiceDep

WEB: Final = Path(__file__).parent.parent / "web" / "docs"
# Swagger UI needs nothing but its own files; its icons are data: URLs in the style sheet.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def page() -> FileResponse:
    """The API's page."""
    return FileResponse(WEB / "index.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": FRESH})


@router.get("/openapi.json")
async def openapi(request: Request, _: ServiceDep) -> JSONResponse:
    """The API's description, with this model's own answers as examples, which the metrics do not count."""
    state = request.app.state
    served, description = state.uncounted, state.description
    if description is None:
        description = await describe(request.app, served)
        if state.uncounted is served:
            state.description = description
    return JSONResponse(description)


def install(app: FastAPI) -> None:
    """Add the page, its files and the description to ``app``."""
    app.include_router(router)
    app.mount("/docs/assets", PackageFiles(directory=WEB), name="docs")

"""The page at ``/`` for people who never open a terminal; its scripts and styles are the package's own files."""

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from service.problems import documented

FILES: Final = Path(__file__).parent.parent / "web" / "page"
# Trusted types let no string become markup: a text that is pasted is shown as text, or not at all.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"
)
# A newer version is asked for each time: scripts of two versions would not fit together.
FRESH: Final = "no-cache"

router = APIRouter(tags=["page"])


@router.get("/", summary="The page", response_class=HTMLResponse, responses=documented(421))
async def page() -> FileResponse:
    """For people: paste a text, see where it leans, correct it, score a csv. It needs no key to be read."""
    return FileResponse(FILES / "index.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": FRESH})


class PackageFiles(StaticFiles):
    """Files of the package that a browser may keep, if it asks each time whether they are still the same."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FRESH
        return response


def install(app: FastAPI) -> None:
    """Add the page and its files to ``app``."""
    app.include_router(router)
    app.mount("/page", PackageFiles(directory=FILES), name="page")

"""The page at ``/`` for people who never open a terminal; its scripts and styles are the package's own files."""

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

FILES: Final = Path(__file__).parent.parent / "web" / "page"
# Trusted types let no string become markup: a text that is pasted is shown as text, or not at all.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"
)
# A newer version is asked for each time: scripts of two versions would not fit together.
FRESH: Final = "no-cache"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    """The page."""
    return FileResponse(FILES / "index.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": FRESH})


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FRESH
        return response


def install(app: FastAPI) -> None:
    """Add the page and its files to ``app``."""
    app.include_router(router)
    app.mount("/page", _Files(directory=FILES), name="page")

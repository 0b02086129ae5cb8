"""Is the process alive, and can it classify?"""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.problems import documented
from service.state import ServiceDep

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Texts can be classified."""

    status: Literal["ready"] = "ready"


@router.get("/livez", summary="Is the process alive?", responses=documented(421))
async def livez() -> Alive:
    """Answers as long as the process does; says nothing of the model."""
    return Alive()


@router.get("/readyz", summary="Can texts be classified?", responses=documented(421, 503))
async def readyz(service: ServiceDep) -> Ready:
    """Fails when the model is not loaded, keeps failing, or one of its worker threads has died."""
    service.require_ready()
    return Ready()

"""Have the released model loaded again."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from models.errors import ReloadRefused
from service.body import JsonRoute
from service.problems import documented
from service.reload import Follower

router = APIRouter(tags=["model"], route_class=JsonRoute)


class ReloadRequest(BaseModel):
    """Nothing is to be said: send ``{}``."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})


class ReloadResponse(BaseModel):
    """What is served now."""

    model: str = Field(description="Version of the model that later requests are answered by.")


@router.post(
    "/v1/model/reload",
    summary="Load the released model again",
    responses=documented(400, 408, 413, 415, 421, 422, 500, 503, errors=[ReloadRefused]),
)
async def reload(_: ReloadRequest, request: Request) -> ReloadResponse:
    """Every worker loads the released model beside the one that it serves, checks it, and then serves it.

    No request is dropped. Workers take a release by themselves within seconds; this is for those who want an answer.
    """
    follower: Follower = request.app.state.follower
    return ReloadResponse(model=await follower.reload())

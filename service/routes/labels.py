"""Labels that people give: write, take back, look up, list, export, compare."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from starlette.convertors import Convertor, register_url_convertor

from models.errors import InputError, LabelNotFound, LabelsUnavailable, LimitExceeded
from service.body import JsonRoute
from service.feedback import agreement as agreements
from service.feedback.engine import CONNECTIONS
from service.feedback.export import exported
from service.feedback.formats import ENDINGS, MEDIA_TYPES, SCHEMAS, ExportFormat
from service.feedback.schemas import (
    AgreementResponse,
    LabelEntry,
    LabelRequest,
    LookupRequest,
    LookupResponse,
    LookupResult,
    PageResponse,
    wanted,
)
from service.feedback.store import PAGE, Filter, LabelStore
from service.feedback.tables import LARGEST_ID
from service.keys import KEY
from service.problems import documented
from service.settings import Settings
from service.state import ServiceDep

router = APIRouter(tags=["labels"])
_posts = APIRouter(route_class=JsonRoute)

_T = TypeVar("_T")
_BAD_BODY: Final = (400, 408, 413, 415, 421, 422, 500, 503)
_BAD_QUERY: Final = (421, 422, 500, 503)


class _Digits(Convertor[str]):
    """What may be the number of a label, so that /v1/labels/export and the like are never taken for one."""

    regex = "[0-9]+"

    def convert(self, value: str) -> str:
        """As it stands; the route reads it, and refuses one that is too large."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands."""
        return value


register_url_convertor("digits", _Digits())


class Labels:
    """The store, used on threads of its own: a database that hangs must not hold up what others need threads for.

    Args:
        store: the labels.
    """

    def __init__(self, store: LabelStore) -> None:
        self.store = store
        self._threads = ThreadPoolExecutor(CONNECTIONS, "labels")

    async def run(self, work: Callable[[], _T]) -> _T:
        """What ``work`` returns, on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """End the threads and close the database, once what runs has ended."""
        self._threads.shutdown(cancel_futures=True)
        self.store.database.close()


async def _labels_of(request: Request) -> Labels:
    labels: Labels = request.app.state.labels
    return labels


LabelsDep = Annotated[Labels, Depends(_labels_of)]
FilterDep = Annotated[Filter, Depends(wanted)]


@_posts.post(
    "/v1/labels",
    status_code=201,
    summary="Label a text",
    responses=documented(*_BAD_BODY, errors=[LabelsUnavailable]),
)
async def give(sent: LabelRequest, request: Request, service: ServiceDep, labels: LabelsDep) -> LabelEntry:
    """Keep a person's label of a text, and answer it as it is kept.

    The annotator's earlier label of the same text no longer stands then; it is kept, with the moment in `deleted`.
    Spaces and Unicode forms make no difference to what is the same text. Sent again unchanged, a label is kept once.
    """
    _check(sent.text, "text", service.settings)
    key = request.scope.get(KEY)
    rows = await labels.run(partial(labels.store.give, [sent.vote(key.name if key else None)]))
    return LabelEntry.of(rows[0])


@_posts.post(
    "/v1/labels/lookup",
    summary="Look up the labels of texts",
    responses=documented(*_BAD_BODY, errors=[LabelsUnavailable]),
)
async def lookup(sent: LookupRequest, service: ServiceDep, labels: LabelsDep) -> LookupResponse:
    """The labels that people gave these texts: one result a text, in the order of the texts."""
    limits = service.settings
    if len(sent.texts) > limits.max_texts:
        raise LimitExceeded(
            f"There are {len(sent.texts)} texts; one request may have {limits.max_texts}. "
            "Send them in several requests."
        )
    for index, text in enumerate(sent.texts):
        _check(text, f"texts[{index}]", limits)
    found = await labels.run(partial(labels.store.look_up, sent.texts))
    return LookupResponse(results=[LookupResult.of(rows) for rows in found])


router.include_router(_posts)


@router.get("/v1/labels", summary="List labels", responses=documented(*_BAD_QUERY, errors=[LabelsUnavailable]))
async def page(
    labels: LabelsDep,
    asked: FilterDep,
    deleted: Annotated[bool, Query(description="Also those that were taken back or replaced.")] = False,
    limit: Annotated[int, Query(ge=1, le=PAGE, description="How many at most.")] = 100,
    cursor: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="The `next` of the page before; left out for the first.")
    ] = None,
) -> PageResponse:
    """The labels that people gave, the latest first, page by page."""
    read = partial(labels.store.latest, replace(asked, deleted=deleted), before=cursor, limit=limit + 1)
    rows = await labels.run(read)
    kept = rows[:limit]
    return PageResponse(labels=[LabelEntry.of(row) for row in kept], next=kept[-1].id if len(rows) > limit else None)


@router.get(
    "/v1/labels/export",
    summary="Export labels",
    response_class=StreamingResponse,
    responses={
        200: {"content": {kind: {"schema": SCHEMAS[format]} for format, kind in MEDIA_TYPES.items()}},
        **documented(*_BAD_QUERY, errors=[LabelsUnavailable]),
    },
)
async def export(
    labels: LabelsDep,
    asked: FilterDep,
    format: Annotated[
        ExportFormat, Query(description="Lines of JSON, a table, or tasks to import into Label Studio.")
    ] = "jsonl",
) -> StreamingResponse:
    """The labels that stand, as a file, sent while it is read. Those on one text stand beside each other.

    `label-studio` gives one task a text, with an annotation for each label.
    """
    pages = labels.store.pages(asked)
    # Read before the answer begins, so that a database that fails is told by the status.
    first = await labels.run(lambda: next(pages, []))
    pieces = exported(chain([first], pages), format)

    async def body() -> AsyncIterator[str]:
        while (piece := await labels.run(lambda: next(pieces, None))) is not None:
            yield piece

    headers = {"Content-Disposition": f'attachment; filename="labels{ENDINGS[format]}"', "Cache-Control": "no-store"}
    return StreamingResponse(body(), media_type=MEDIA_TYPES[format], headers=headers)


@router.get(
    "/v1/labels/agreement",
    summary="How far people agree",
    responses=documented(*_BAD_QUERY, errors=[LabelsUnavailable]),
)
async def agreement(labels: LabelsDep) -> AgreementResponse:
    """Majorities and Krippendorff's alpha over the labels that stand."""
    found = await labels.run(lambda: agreements.agreement(labels.store.all()))
    return AgreementResponse.model_validate(found, from_attributes=True)


@router.delete(
    "/v1/labels/{id:digits}",
    summary="Take a label back",
    responses=documented(*_BAD_QUERY, errors=[LabelNotFound, LabelsUnavailable]),
)
async def take_back(
    id: Annotated[int, Path(ge=1, le=LARGEST_ID, description="The label's `id`.")], labels: LabelsDep
) -> LabelEntry:
    """Let a label stand no more; it is kept, with the moment in `deleted`. Taking it back again changes nothing."""
    return LabelEntry.of(await labels.run(partial(labels.store.take_back, id)))


def _check(text: str, name: str, limits: Settings) -> None:
    if len(text) > limits.max_characters:
        raise LimitExceeded(
            f"{name} has {len(text)} characters; a text may have {limits.max_characters}. "
            "Label its sentences one by one."
        )
    if not text.replace("\0", " ").strip():
        raise InputError(f"{name} is empty; give at least one character.")

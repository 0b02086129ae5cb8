"""What schemathesis has to be told of lines: how to send one, and that what answers a line is its answer.

A body of one line is generated. A line that cannot be classified is answered within the stream, whose status is 200;
the checks get to see its problem as they would see that of a request.
"""

import json
from typing import Any

import schemathesis

LINES = "application/x-ndjson"


@schemathesis.serializer(LINES)
def _one_line(_: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.deserializer(LINES)
def _first_line(_: Any, response: schemathesis.Response) -> Any:
    first = response.content.partition(b"\n")[0]
    return json.loads(first) if first else {}


@schemathesis.hook
def after_call(_: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response) -> None:
    """Give the answer of a line the status and the media type of its problem."""
    if case.path == "/v1/score" and response.status_code == 200 and b'"status":4' in response.content:
        response.status_code = 422
        response.headers["content-type"] = ["application/problem+json"]

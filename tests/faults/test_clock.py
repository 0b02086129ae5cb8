"""The clock jumps: no deadline, limit or order depends on the time of day."""

import ast
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.feedback import store as stores
from service.feedback.database import Database
from service.feedback.store import Filter, LabelStore
from service.feedback.votes import Vote
from tests.service.conftest import Start
from tests.service.live import classify

ROOT = Path(__file__).parents[2]
# Where the time of day is only written down, for people to read.
TOLD = {
    "models/audit.py", "service/corpus/report/page.py", "service/corpus/report/scored.py", "service/feedback/store.py",
    "service/keys.py", "service/logging.py",
}  # fmt: skip
OF_THE_DAY = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def test_only_what_is_told_to_people_reads_the_time_of_day() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("models", "service")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node).removeprefix("datetime.datetime") in OF_THE_DAY
    }
    assert found <= TOLD, "use time.monotonic() for what takes time"


@pytest.mark.parametrize("days", [-400, 400])
def test_a_running_service_does_not_mind(start: Start, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    of_the_day = time.time
    with start(deadline=30, head_seconds=10) as server:
        assert classify(server, "The convoy left.").status == 200
        monkeypatch.setattr(time, "time", lambda: of_the_day() + days * 86_400)
        answers = [classify(server, f"The convoy left on day {number}.") for number in range(5)]
        assert [answer.status for answer in answers] == [200] * 5
        assert server.get("/readyz").status == 200


def test_the_later_label_counts_also_where_the_clock_went_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    store.give([Vote("They came to loot.", "neutral", "ada")])

    class Past(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # noqa: ARG003
            return datetime(2001, 1, 1, tzinfo=UTC) + timedelta(days=1)

    monkeypatch.setattr(stores, "datetime", Past)
    store.give([Vote("They came to loot.", "critical", "ada")])
    store.give([Vote("Talks were held.", "neutral", "ada")])
    assert [row.text for row in store.latest(Filter())] == ["Talks were held.", "They came to loot."]
    (standing,) = store.look_up(["They came to loot."])[0]
    assert standing.label == "critical"
    database.close()

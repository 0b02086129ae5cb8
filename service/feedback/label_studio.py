"""Exports of Label Studio: tasks with annotations, whose results hold the choice that an annotator made.

The format is that of https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks. Its other JSON
export, JSON_MIN, is a list of plain objects and read as such.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.errors import ColumnError, RowError
from models.formats.row import find_text_column
from service.feedback.entries import Columns, Entry, plain


def is_task(item: Mapping[str, Any]) -> bool:
    """Whether an object of a JSON list is a task of Label Studio."""
    return isinstance(item.get("data"), dict) and isinstance(item.get("annotations"), list)


def entries_of(
    tasks: Sequence[dict[str, Any]], path: Path, columns: Columns, notice: Callable[[str], None]
) -> Iterator[Entry | RowError]:
    """One entry an annotation. What was skipped has none; its line is the number of its task.

    Args:
        tasks: as exported.
        path: the file, for errors.
        columns: ``text`` is the key of the task's data that holds the text, ``label`` the name of the control that
            holds the choice; each may be left out if there is only one that it can be.
        notice: told how many tasks nobody labelled.

    Raises:
        ColumnError: there is no such key or control, or several that it could be.
    """
    control = _control(tasks, columns.label, path)
    unlabelled = 0
    for line, task in enumerate(tasks, start=1):
        if not is_task(task):
            yield RowError(path, line, "is no task of Label Studio; mend it, or leave it out.")
            continue
        given = [each for each in task["annotations"] if isinstance(each, dict) and not each.get("was_cancelled")]
        unlabelled += not given
        if given:
            yield from _of_task(line, task["data"], given, control, path, columns)
    if unlabelled:
        notice(f"{path}: nobody labelled {unlabelled} of its tasks.")


def _of_task(
    line: int, data: Mapping[str, Any], given: Sequence[dict[str, Any]], control: str, path: Path, columns: Columns
) -> Iterator[Entry | RowError]:
    text = data.get(find_text_column(list(data), columns.text, str(path)))
    if not isinstance(text, str):
        yield RowError(path, line, "has no string as its text; mend it, or leave it out.")
        return
    for annotation in given:
        results = [each for each in _results(annotation) if each.get("from_name") == control]
        choices = [choice for each in results for choice in each["value"]["choices"]]
        if len(choices) != 1:
            yield RowError(path, line, f"has an annotation with {len(choices)} choices; a label is one.")
            continue
        meta = results[0].get("meta")
        told = meta if isinstance(meta, dict) else {}
        # Of what is imported there, the one who imports it is told as the annotator.
        annotator = plain(told["annotator"]) if "annotator" in told else _who(annotation.get("completed_by"))
        yield Entry(line, text, plain(choices[0]), annotator, plain(told.get("note")), plain(told.get("source")))


def _control(tasks: Sequence[dict[str, Any]], asked: str | None, path: Path) -> str:
    """The name of the control that holds the label."""
    annotations = (each for task in tasks if is_task(task) for each in task["annotations"] if isinstance(each, dict))
    names = sorted({str(each.get("from_name")) for annotation in annotations for each in _results(annotation)})
    if asked is not None and asked not in names:
        raise ColumnError(f"{path} has no choices named {asked}; it has: {', '.join(names) or 'none'}.")
    if asked is None and len(names) != 1:
        raise ColumnError(
            f"{path} must have choices of one name, or --label names which; it has: {', '.join(names) or 'none'}."
        )
    return asked or names[0]


def _results(annotation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The choices of an annotation."""
    for each in annotation.get("result") or []:
        value = each.get("value") if isinstance(each, dict) else None
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            yield each


def _who(completed_by: Any) -> str | None:
    """Label Studio tells an annotator by number, or as an object with an address."""
    if isinstance(completed_by, dict):
        return plain(completed_by.get("email")) or _who(completed_by.get("id"))
    return f"user-{completed_by}" if isinstance(completed_by, int) else None

"""The one error tree. Every message says what is wrong and how to mend it, and never quotes a text.

::

    RuStanceError
    ├── ModelError            the model directory cannot be used
    │   ├── ModelNotFound     no such directory, or a required file is missing
    │   └── ModelBroken       wrong checksum, unreadable graph, wrong labels
    ├── InputError            what the caller sent cannot be used
    │   ├── TextError         one text is not valid Unicode, or is not a string
    │   ├── LimitExceeded     more texts, characters or bytes than the limits allow
    │   ├── FormatError       a file of an unknown or broken format
    │   ├── ColumnError       a table without the column that was asked for
    │   ├── LabelNotFound     no label that a person gave has this id
    │   └── RowError          one bad row; carries the file and the line
    ├── MissingExtra          an optional dependency is not installed
    ├── SettingsError         the service cannot be started with these settings
    ├── OutputError           an output cannot be written where it was asked for
    ├── EngineError           the engine that runs the model on many machines cannot start or go on
    ├── TrainingError         a training cannot start or go on
    │   ├── BaseModelError    pretrained weights are missing or do not match their checksum
    │   ├── LeakError         near-duplicates, or one document, on both sides of a split
    │   └── ReleaseRefused    the release gate found the model worse
    └── ServiceError          the service cannot answer this request now
        ├── Overloaded        the queue is full
        ├── DeadlineExceeded  the answer would come too late
        ├── NotReady          the model is not loaded, or a worker has died
        ├── ReloadRefused     the released model cannot be served; the one before still is
        ├── LabelsUnavailable the database of people's labels cannot be used
        ├── Unauthorized      no key, or an unknown one
        └── Forbidden         the key lacks the scope
"""

from pathlib import Path
from typing import Any


class RuStanceError(Exception):
    """Base of every error that ru-stance raises on purpose. It can be sent to another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would have it made anew from its message alone, and some are made from more.
        return _bare, (type(self), *self.args), vars(self)


def _bare(kind: type[RuStanceError], *arguments: Any) -> RuStanceError:
    return kind.__new__(kind, *arguments)


class ModelError(RuStanceError):
    """The model directory cannot be used."""


class ModelNotFound(ModelError):
    """No such model directory, or one of its required files is missing."""


class ModelBroken(ModelError):
    """A file of the model directory does not match its checksum, its format or the labels."""


class InputError(RuStanceError):
    """What the caller sent cannot be used."""


class TextError(InputError):
    """One text cannot be classified.

    Args:
        message: what is wrong and how to mend it.
        index: the text's position in the list that was given, counted from 0.
    """

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class LimitExceeded(InputError):
    """More texts, characters or bytes than the limits allow."""


class FormatError(InputError):
    """A file of an unknown or broken format."""


class ColumnError(InputError):
    """A table lacks the column that was asked for."""


class LabelNotFound(InputError):
    """No label that a person gave has this id."""


class RowError(InputError):
    """One bad row of a file.

    Args:
        path: the file.
        line: the line, counted from 1.
        reason: what is wrong and how to mend it.
    """

    def __init__(self, path: str | Path, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path, self.line, self.reason = str(path), line, reason


class MissingExtra(RuStanceError):
    """An optional dependency is not installed.

    Args:
        feature: what was asked for.
        extra: the name of the extra that brings it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the extra [{extra}]. In the folder of ru-stance: "
            f".venv/bin/pip install --constraint constraints.txt --editable '.[{extra}]'"
        )
        self.extra = extra


class SettingsError(RuStanceError):
    """The service cannot be started with these settings."""


class OutputError(RuStanceError):
    """An output cannot be written where it was asked for."""


class EngineError(RuStanceError):
    """The engine that runs the model on many machines cannot start or go on."""


class TrainingError(RuStanceError):
    """A training cannot start or go on."""


class BaseModelError(TrainingError):
    """Pretrained weights are missing or do not match their checksum."""


class LeakError(TrainingError):
    """Near-duplicates, or sentences of one document, stand on both sides of a split."""


class ReleaseRefused(TrainingError):
    """A version is worse than the released model, beyond chance, on rows that neither was trained on."""


class ServiceError(RuStanceError):
    """The service cannot answer this request now."""


class Overloaded(ServiceError):
    """The queue is full; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(ServiceError):
    """The answer would come later than the deadline."""


class NotReady(ServiceError):
    """The model is not loaded, a worker has died, or the model keeps failing."""


class ReloadRefused(ServiceError):
    """The released model cannot be served; the one before still is."""


class LabelsUnavailable(ServiceError):
    """The database of people's labels is locked, cannot be written or reached, or is damaged."""


class Unauthorized(ServiceError):
    """No API key was sent, or it is not known."""


class Forbidden(ServiceError):
    """The API key lacks the scope that the operation needs."""

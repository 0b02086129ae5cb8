"""What a report was made from, as far as it is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Facts of a scoring that its rows do not hold; each is None where nobody knows it any more.

    Attributes:
        files: names of the files that were scored, or of the scored file.
        rejected: number of rows that could not be used.
        prior: name of the prior.
        finished: date and time of the end, ISO 8601.
        seconds: how long the scoring took.
        engine: what ran the model.
        machine: processor and cores; see :func:`models.machine.machine`.
    """

    files: tuple[str, ...]
    rejected: int | None = None
    prior: str | None = None
    finished: str | None = None
    seconds: float | None = None
    engine: str | None = None
    machine: str | None = None

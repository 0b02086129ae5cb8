"""Options of ``ru-stance train`` that would do nothing beside the others are refused, so that nobody trusts in them."""

from collections.abc import Mapping

import typer


def refuse_idle_options(given: Mapping[str, object]) -> None:
    """Check that no option was given in vain.

    Args:
        given: what was given for each parameter of the command; nothing is None, False or empty.

    Raises:
        BadParameter: one was, with the reason.
    """
    labels, only = bool(given["labels"]), bool(given["only"])
    of_teachers = ("teacher_weight", "teacher_weight_on_labels")
    rules = (
        (not labels, "without --labels", ("only", "test_share", "replay", "teacher_weight_on_labels")),
        (labels, "with --labels: the released model is the teacher, of its languages", ("real", "language", "teacher")),
        (labels, "with --labels: it trains for all --epochs", ("patience",)),
        (labels and only, "with --only: nothing else is learned from", ("corpus", "replay", "variants", *of_teachers)),
        (not (labels or given["teacher"]), "without --teacher", ("teacher_weight", "variants")),
        (not (labels or given["real"]), "without --real", ("real_weight", "variants")),
    )
    for holds, where, names in rules:
        idle = [f"--{name.replace('_', '-')}" for name in names if _is_told(given[name])]
        if holds and idle:
            raise typer.BadParameter(f"{' and '.join(idle)} would do nothing {where}.")


def _is_told(value: object) -> bool:
    # A share of 0 is told, too, and equals False.
    return value is not None and value is not False and value != []

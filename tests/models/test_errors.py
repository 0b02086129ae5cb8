"""Errors between processes: a worker tells its parent why it cannot start."""

import pickle

import pytest

from models.errors import MissingExtra, ModelBroken, Overloaded, RowError, RuStanceError, TextError


@pytest.mark.parametrize(
    "error",
    [
        ModelBroken("The graph is broken."),
        MissingExtra("A database of labels in PostgreSQL", "postgres"),
        TextError("Text 3 is empty.", 3),
        RowError("in.csv", 2, "is no row."),
        Overloaded("The queue is full.", 5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_arrives_in_another_process_as_it_was(error: RuStanceError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))

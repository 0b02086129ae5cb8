"""The pictures of the card are small, and the same every time."""

from pathlib import Path

import numpy as np
import pytest

from training.metrics import Outcomes, measure
from training.plots import confusion_picture, reliability_diagram

generator = np.random.default_rng(0)


@pytest.fixture(scope="module")
def figures() -> dict[str, object]:
    rows = 400
    truth, scores = generator.integers(0, 3, rows), generator.dirichlet((1, 1, 1), rows)
    flags = np.zeros(rows, dtype=bool)
    return measure(Outcomes(truth, scores.argmax(axis=1), scores, None, flags, flags)).to_dict()


@pytest.mark.parametrize("draw", [reliability_diagram, confusion_picture])
@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_pictures(draw: object, ending: str, start: bytes, figures: dict[str, object], tmp_path: Path) -> None:
    assert callable(draw)
    path = draw(figures, tmp_path / f"picture.{ending}", "A set")
    content = path.read_bytes()
    assert content.startswith(start)
    assert 1000 < len(content) < 60_000
    draw(figures, path, "A set")
    assert path.read_bytes() == content


def test_words_of_a_vector_picture_stay_words(figures: dict[str, object], tmp_path: Path) -> None:
    content = confusion_picture(figures, tmp_path / "picture.svg", "Rows of my own").read_text("utf-8")
    for word in ("Rows of my own", "critical", "supportive", str(figures["confusion"][0][0])):  # type: ignore[index]
        assert word in content

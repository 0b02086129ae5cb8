"""Weights that come back from int8: as they are, or with a dither that a short training does not get lost in."""

from typing import Any

import numpy as np

from training.graph_names import INT8, OUTLIER_ROWS, OUTLIERS, SCALE, torch_state


def test_a_dither_stays_within_what_rounding_took_and_leaves_lookups_and_outliers_alone() -> None:
    draw = np.random.default_rng(1)
    tensors: dict[str, Any] = {
        "product" + INT8: draw.integers(-63, 64, (40, 30)).astype(np.int8),
        "product" + SCALE: draw.uniform(0.001, 0.01, 30).astype(np.float32),
        "product" + OUTLIERS: np.array([3]),
        "product" + OUTLIER_ROWS: np.ones((1, 30), np.float32),
        "lookup" + INT8: draw.integers(-127, 128, (50, 8)).astype(np.int8),
        "lookup" + SCALE: np.full((50, 1), 0.01, np.float32),
    }
    names = {"product", "lookup"}
    plain, dithered = torch_state(tensors, names), torch_state(tensors, names, np.random.default_rng(2))
    np.testing.assert_array_equal(plain["lookup"], dithered["lookup"])
    np.testing.assert_array_equal(dithered["product"][:, 3], 1)
    steps = (dithered["product"] - plain["product"]) / tensors["product" + SCALE][:, None]
    assert np.abs(steps).max() <= 0.5 + 1e-3
    assert 0.25 < np.delete(steps, 3, axis=1).std() < 0.33


def test_a_small_change_survives_the_next_rounding_only_with_a_dither() -> None:
    tensors: dict[str, Any] = {
        "product" + INT8: np.random.default_rng(1).integers(-63, 64, (400, 30)).astype(np.int8),
        "product" + SCALE: np.full(30, 0.01, np.float32),
    }
    kept = {}
    for name, dither in (("plain", None), ("dithered", np.random.default_rng(2))):
        start = torch_state(tensors, {"product"}, dither)["product"]
        changed = start + np.float32(0.002)
        kept[name] = float((np.rint(changed / 0.01) * 0.01 - start).mean())
    assert abs(kept["plain"]) < 1e-6
    assert 0.0015 < kept["dithered"] < 0.0025

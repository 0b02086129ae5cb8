"""Under which names a model's weights lie in its ONNX file, and how they come back from there."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

INT8: Final = ".int8"
SCALE: Final = ".scale"
OUTLIERS: Final = ".outliers"
OUTLIER_ROWS: Final = ".outlier_rows"

Weights = dict[str, NDArray[np.float32]]


def torch_names(weights: Weights, state: Weights) -> dict[str, str]:
    """ONNX name -> torch name, for the weights that are in the state: the exporter renames those that it transposes."""
    transposed = {value.T.tobytes(): name for name, value in state.items() if value.ndim == 2}
    return {
        name: name if name in state else transposed[value.tobytes()]
        for name, value in weights.items()
        if name in state or (value.ndim == 2 and value.tobytes() in transposed)
    }


def torch_state(
    tensors: dict[str, NDArray[np.generic]], names: set[str], dither: np.random.Generator | None = None
) -> Weights:
    """The named weights out of the tensors of an ONNX file, fp32 or int8, in torch's layout; those it has.

    Args:
        tensors: initializers of the file.
        names: torch names of the model's parameters.
        dither: adds to each weight of an int8 product a random part of what its rounding may have taken.
    """
    state: Weights = {}
    for name in names:
        if name + INT8 in tensors:
            scale = np.asarray(tensors[name + SCALE], dtype=np.float32)
            weight = tensors[name + INT8].astype(np.float32)
            if dither is not None and scale.ndim == 1:
                weight += dither.uniform(-0.5, 0.5, weight.shape).astype(np.float32)
            weight *= scale
            if name + OUTLIERS in tensors:
                weight[tensors[name + OUTLIERS]] = tensors[name + OUTLIER_ROWS]
            # Products are stored transposed, with a scale a column; lookups are not, with a scale a row.
            state[name] = weight if scale.ndim == 2 else np.ascontiguousarray(weight.T)
        elif name in tensors:
            state[name] = np.asarray(tensors[name], dtype=np.float32)
    return state

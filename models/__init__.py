"""What a stance model is: from text to :class:`~models.prediction.Prediction`, with no HTTP and no Trainer."""

import os
from typing import TYPE_CHECKING, Any

# Must stand before onnxruntime is imported: since 1.31 it makes an id of the machine and reports to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from models.prediction import Prediction

if TYPE_CHECKING:
    from models.classifier import Classifier

__all__ = ["Classifier", "Prediction"]


def __getattr__(name: str) -> Any:
    # numpy and onnxruntime take longer to import than most commands take to run, and most need neither.
    if name == "Classifier":
        from models.classifier import Classifier

        return Classifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""What a stance model is: from text to :class:`~models.prediction.Prediction`, with no HTTP and no Trainer."""

from models.classifier import Classifier
from models.prediction import Prediction

__all__ = ["Classifier", "Prediction"]

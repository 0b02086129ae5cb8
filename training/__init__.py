"""From labels to a model directory: data, bases, training, export, evaluation, model card."""

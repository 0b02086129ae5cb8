"""The service that one writes by hand: FastAPI around the Hugging Face pipeline.

    BENCH_MODEL=<folder> python -m uvicorn benchmarks.peers.pipeline_app:app

As a competent user would: the model is loaded once, a list goes through the pipeline in batches of 32, and one request
at a time has the model, since torch spreads one over all cores already.
"""

import os
from threading import Lock
from typing import Any

import torch
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

from models.machine import usable_cores

torch.set_num_threads(usable_cores())
app = FastAPI()
_classify = pipeline("text-classification", os.environ["BENCH_MODEL"], device="cpu", top_k=None)
_alone = Lock()


class Texts(BaseModel):
    """What is asked."""

    texts: list[str]


@app.post("/classify")
def classify(request: Texts) -> Any:
    """Label and score of every label, for each text."""
    with _alone:
        return _classify(request.texts, batch_size=32, truncation=True, max_length=128)

"""What the parts of a run write, small."""

from typing import Any

from benchmarks.goals import BATCHED, DEFAULT, OURS


def served(name: str, speed: float) -> dict[str, Any]:
    """A server that does so many sentences a second at every point."""
    numbers = {"sentences": [speed, speed], "seconds": [1.0, 1.0], "p50": 3.0, "p95": 5.0, "p99": 9.0}
    points = [
        {"clients": clients, "size": size, "requests": 9, "refused": 0, "failed": 0, "cpu": 0.1, **numbers}
        for clients, size in ((1, 1), (64, 1), (64, 32))
    ]
    return {"name": name, "cores": 2, "starts": [1.5, 2.0, 2.5], "idle_mb": 300.0, "peak_mb": 350.0, "points": points}


def results() -> dict[str, Any]:
    """Every part: ours does 100 sentences a second in process, the pipeline 10 and, in batches, 20."""
    ways = {
        name: {"seconds": [128 / speed] * 2, "moved": 0.0}
        for name, speed in ((OURS, 100), (DEFAULT, 10), (BATCHED, 20))
    }
    documents = {
        "documents": 2,
        "sentences": 20,
        "ways": {name: {"seconds": way["seconds"]} for name, way in ways.items()},
    }
    inside = {
        "sentences": 256,
        "pieces": [128, 128],
        "words": [5, 20.0, 60],
        "threads": 2,
        "ways": ways,
        "documents": documents,
    }
    form = {"form": "fp32", "megabytes": 194.0, "equal": 1.0, "distance": 0.0, "milliseconds": 14.0}
    return {
        "in-process": inside,
        "int8": {"sentences": 20, "tokens": 36.0, "forms": [form]},
        "steps": {"sentences": 9, "steps": {"the model": 5.0}, "whole": 6.0, "nodes": {"DynamicQuantizeMatMul": 3.0}},
        "served-ours": served("ru-stance, workers: 1", 95.0),
        "served-pipeline": served("FastAPI + pipeline", 11.0),
        "served-infinity": served("infinity", 40.0),
        "sizes": {"ru-stance": 300.0, "FastAPI + pipeline": 900.0, "infinity": None},
    }

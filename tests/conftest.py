"""What all tests share: they keep their labels and models in a folder of their own, never in the user's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.folders import DATA_VARIABLE, REGISTRY_VARIABLE


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of this run, also of the processes that the tests start."""
    folder = tmp_path_factory.mktemp("data")
    before = {name: os.environ.pop(name, None) for name in (DATA_VARIABLE, REGISTRY_VARIABLE)}
    os.environ[DATA_VARIABLE] = str(folder)
    yield folder
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value

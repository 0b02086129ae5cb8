"""Where this machine's own data are kept. Nothing is made here: whoever writes first makes the folder."""

import os
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

DATA_VARIABLE: Final = "RU_STANCE_DATA"
REGISTRY_VARIABLE: Final = "RU_STANCE_REGISTRY"


def data_folder() -> Path:
    """The folder of labels and models: ``RU_STANCE_DATA``, else the system's place for a user's data."""
    return Path(os.environ.get(DATA_VARIABLE) or user_data_path("ru-stance", appauthor=False))


def registry_folder() -> Path:
    """The folder of the models' versions: ``RU_STANCE_REGISTRY``, else ``registry`` in :func:`data_folder`."""
    return Path(os.environ.get(REGISTRY_VARIABLE) or data_folder() / "registry")

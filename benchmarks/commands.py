"""``ru-stance`` as a user runs it: what the benchmarks of a training are made of."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def command(*words: object) -> None:
    """Run ``ru-stance`` with these words; what it tells goes to standard error.

    Raises:
        CalledProcessError: it failed.
    """
    subprocess.run([sys.executable, "-m", "ru_stance", *map(str, words)], cwd=ROOT, stdout=sys.stderr, check=True)

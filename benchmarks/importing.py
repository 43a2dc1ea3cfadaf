"""Time of a fresh interpreter that imports one package."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.harness import Contestant
from benchmarks.report import Goal, compare

ROUNDS = 21
ROOT = Path(__file__).resolve().parent.parent
GOAL = Goal("import autograd at most 1.5 times import numpy", "autograd", "numpy", at_most=1.5)


def run(rounds: int) -> None:
    """Time ``import autograd`` beside ``import numpy`` and a bare interpreter."""
    contestants = [
        _contestant("no import", "pass"),
        _contestant("numpy", "import numpy"),
        _contestant("autograd", "import autograd"),
    ]
    compare("import: a fresh interpreter's whole run", contestants, "numpy", [GOAL], rounds)


def _contestant(name: str, code: str) -> Contestant:
    # The uncounted run writes the .pyc files; without them every run would compile our sources.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = partial(
        subprocess.run, [sys.executable, "-c", code], check=True, cwd=ROOT, env=environment
    )
    return Contestant(name, lambda: process)

"""`python -m autograd.check`: the report, and the exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd.check import main

SOURCE = """
import math
import autograd
import numpy as np

def right(x=np.array([0.5, 1.0]), n=2):
    return (x**n).sum()

def wrong(x):
    return x * x.detach()

def by_hand(x):
    return math.sin(x) ** 2

def its_gradient(x):
    return 2 * math.sin(x)
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine_to_check.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sys.modules.pop("mine_to_check", None)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("mine_to_check:right", 0),
        ("mine_to_check:right --at [1.0,2.0] 3 --modes both --order 2", 0),
        ("mine_to_check:right --shape 2,3", 0),
        ("mine_to_check:wrong --at 0.5", 1),
        ("mine_to_check:wrong --shape ()", 1),
        ("mine_to_check:by_hand --at 0.5 --gradient mine_to_check:its_gradient", 1),
        ("mine_to_check:wrong", 2),
        ("mine_to_check:right --at 1", 2),
        ("mine_to_check:right --at one", 2),
        ("mine_to_check:right --shape 2,", 0),
        ("mine_to_check:right --shape 2x3", 2),
        ("mine_to_check:absent", 2),
        ("absent_module:f", 2),
        ("mine_to_check", 2),
    ],
)
def test_exit_status(arguments: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == status
    shown = capsys.readouterr()
    assert ("worst index" in shown.out) == (status < 2)
    assert bool(shown.err) == (status == 2)


@pytest.mark.parametrize("option", ["--at", "--shape"])
def test_what_is_no_literal_is_named(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mine_to_check:right", option, "one"]) == 2
    assert f"{option} 'one': write a Python literal" in capsys.readouterr().err


def test_as_a_program() -> None:
    root = str(Path(autograd.__file__).parents[1])
    program = f"import sys; sys.path.insert(0, {root!r}); import runpy; "
    program += "runpy.run_module('autograd.check', run_name='__main__')"
    command = [sys.executable, "-c", program, "mine_to_check:wrong", "--at", "2.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 WRONG" in done.stdout

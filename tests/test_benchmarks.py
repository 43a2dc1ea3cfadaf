"""The benchmarks start and finish; their figures are nobody's test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.harness import DisagreementError, check_agreement
from benchmarks.report import Goal

ROOT = Path(__file__).resolve().parents[1]

# Peers would take seconds to import, and need not be there.
WITHOUT_PEERS = """
import runpy
from benchmarks import peers
peers.installed = lambda name: name is None
runpy.run_module("benchmarks", run_name="__main__")
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_help() -> None:
    done = run("-m", "benchmarks", "--help")
    assert done.returncode == 0, done.stderr
    for name in (
        "scalar",
        "mlp",
        "small",
        "convolution",
        "training",
        "import",
        "--rounds",
        "--quick",
    ):
        assert name in done.stdout


@pytest.mark.parametrize("arguments", [["tall"], ["small", "--rounds", "0"]])
def test_usage_errors(arguments: list[str]) -> None:
    done = run("-m", "benchmarks", *arguments)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_quick_run_without_peers() -> None:
    done = run("-c", WITHOUT_PEERS, "small", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for operation in ("multiply", "exp"):
        assert any(line.startswith(f"small {operation}") for line in lines)
    ours = [line.split() for line in lines if line.startswith("  chainrule ")]
    assert len(ours) == 2
    assert all(float(row[1]) > 0 for row in ours)
    assert sum("PyTorch" in line and "not installed" in line for line in lines) >= 2


def test_disagreement_is_an_error() -> None:
    right = [np.array([1.0, 2.0])]
    check_agreement("sum", {"a": right, "b": [np.array([1.0, 2.0 + 1e-12])]}, 1e-9)
    with pytest.raises(DisagreementError, match="b differs from a"):
        check_agreement("sum", {"a": right, "b": [np.array([1.0, 2.1])]}, 1e-9)
    with pytest.raises(DisagreementError, match="shape"):
        check_agreement("sum", {"a": right, "b": [np.array([1.0])]}, 1e-9)
    with pytest.raises(DisagreementError):
        check_agreement("sum", {"a": right, "b": [np.array([np.nan, 2.0])]}, 1e-9)


def test_goals() -> None:
    goal = Goal("at most half", "ours", "theirs", at_most=0.5)
    assert goal.judge({"ours": [1.0], "theirs": [2.0]}).startswith("reached")
    assert goal.judge({"ours": [1.1], "theirs": [2.0]}).startswith("NOT reached")
    assert goal.judge({"ours": [1.0]}).startswith("not measured")

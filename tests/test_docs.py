"""Generated pages are current."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import autograd
from autograd import ops

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_of_supported_operations_is_current() -> None:
    # In a process of its own, where no other test has entered operations.
    program = (
        "import runpy; print(runpy.run_path('docs/supported_operations.py')['page'](), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    page = (ROOT / "docs" / "supported_operations.md").read_text(encoding="utf-8")
    assert done.stdout == page, "write it again: PYTHONPATH=. python docs/supported_operations.py"


def test_every_operation_is_exported_except_what_would_hide_a_builtin() -> None:
    expected = set(ops.PUBLIC) - set(dir(builtins))
    assert expected <= set(autograd.__all__)
    assert set(autograd.__all__).isdisjoint(dir(builtins))
    for name in ops.PUBLIC:
        assert getattr(autograd, name) is ops.PUBLIC[name]

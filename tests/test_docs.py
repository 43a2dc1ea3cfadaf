"""Generated pages are current."""

from __future__ import annotations

import builtins
import importlib.util
from pathlib import Path

import autograd
from autograd import ops

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_page_of_supported_operations_is_current() -> None:
    spec = importlib.util.spec_from_file_location("page", DOCS / "supported_operations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Written again by `python docs/supported_operations.py`.
    assert module.page() == (DOCS / "supported_operations.md").read_text(encoding="utf-8")


def test_every_operation_is_exported_except_what_would_hide_a_builtin() -> None:
    expected = set(ops.PUBLIC) - set(dir(builtins))
    assert expected <= set(autograd.__all__)
    assert set(autograd.__all__).isdisjoint(dir(builtins))
    for name in ops.PUBLIC:
        assert getattr(autograd, name) is ops.PUBLIC[name]

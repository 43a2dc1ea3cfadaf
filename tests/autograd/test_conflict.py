"""The other distribution that installs a package `autograd`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import autograd
import nn


def _run(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def _copy(package: object, folder: Path) -> Path:
    source = Path(package.__file__).parent  # type: ignore[attr-defined]
    target = folder / source.name
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_its_files_among_ours(tmp_path: Path) -> None:
    (_copy(autograd, tmp_path) / "tracer.py").touch()
    error = _run(tmp_path, "import autograd")
    assert error.startswith("ImportError")
    assert "pip uninstall autograd chainrule" in error


def test_it_in_our_place(tmp_path: Path) -> None:
    _copy(nn, tmp_path)
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): ...\n")
    error = _run(tmp_path, "import nn")
    assert error.startswith("ImportError")
    assert "pip uninstall autograd chainrule" in error

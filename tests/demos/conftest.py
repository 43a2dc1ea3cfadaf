"""What the lessons' tests share: running one, and looking at what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Run = Callable[..., str]

BEGINNINGS = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml"}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a lesson's `main`, checks the pictures it says it has written, and gives its text."""

    def runner(lesson: ModuleType, *args: Any) -> str:
        lesson.main(tmp_path, *args)
        text = capsys.readouterr().out
        named = {line.removeprefix("written: ") for line in text.splitlines() if "written" in line}
        assert named == {str(path) for path in tmp_path.iterdir()}
        assert named
        for path in map(Path, named):
            assert path.read_bytes().startswith(BEGINNINGS[path.suffix])
            assert path.stat().st_size > 2000
        return text

    return runner

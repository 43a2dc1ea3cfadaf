"""`python -m demos`: the list, one lesson, all of them, and what is wrong with an argument."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import demos.__main__ as command

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m demos`, after `code`."""
    program = f"{code}\nimport runpy\nrunpy.run_module('demos', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_list() -> None:
    for arguments in ([], ["--help"]):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert "python -m demos" in done.stdout
        places = [done.stdout.index(f"  {name} ") for name in (*command.LESSONS, "all")]
        assert places == sorted(places)
        assert all(question in done.stdout for question in command.LESSONS.values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["numbers"], ["numbers", "digits"]),
        (["gates", "now"], ["now"]),
        (["gates", "--data", "points.csv"], ["--data"]),
        (["perceptron", "--data", "missing.csv"], ["missing.csv", "No such file"]),
        (["--fast"], ["--fast"]),
    ],
)
def test_bad_arguments_are_usage_errors(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert "usage: python -m demos" in message
    assert all(word in message for word in words)


def test_an_unknown_name_ends_the_process_with_2() -> None:
    done = run("numbers")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_file_of_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.csv").write_text("0,0,0\n2,2,1\n0,1,0\n3,1,1\n")
    assert command.main(["perceptron", "--data", "good.csv"]) == 0
    assert "for each of 4 points" in capsys.readouterr().out
    assert Path("out/perceptron/boundary.png").stat().st_size > 0
    Path("bad.csv").write_text("0,0,0\n2,two,1\n3,1\n")
    with pytest.raises(SystemExit) as caught:
        command.main(["perceptron", "--data", "bad.csv"])
    assert caught.value.code == 2
    assert "line 2: 2,two,1; line 3: 3,1" in capsys.readouterr().err


def test_all_runs_every_lesson_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lesson(name: str) -> Any:
        return SimpleNamespace(main=lambda out: print(name, out))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command.importlib, "import_module", lesson)
    assert command.main(["all"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "demos." in line]
    assert lines == [f"demos.{name} {Path('out', name)}" for name in command.LESSONS]
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(command.LESSONS)


def test_every_lesson_is_a_file_with_a_test_and_a_place_on_the_course_page() -> None:
    page = (ROOT / "demos" / "README.md").read_text()
    headings = re.findall(r"^## \d+\. (\w+)$", page, re.MULTILINE)
    assert headings == list(command.LESSONS)
    for name, question in command.LESSONS.items():
        assert (ROOT / "demos" / f"{name}.py").is_file()
        assert (ROOT / "tests" / "demos" / f"test_{name}.py").is_file()
        assert f"*{question}*" in page


def test_the_pictures_of_the_course_page_are_there() -> None:
    page = (ROOT / "demos" / "README.md").read_text()
    shown = set(re.findall(r"\]\((images/[^)]+)\)", page))
    kept = {f"images/{path.name}" for path in (ROOT / "demos" / "images").iterdir()}
    assert shown == kept
    assert sum(path.stat().st_size for path in (ROOT / "demos" / "images").iterdir()) < 1_500_000


BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
"""


@pytest.mark.parametrize("blocked", ["matplotlib", "sklearn"])
def test_a_missing_package_is_reported_with_the_remedy(blocked: str) -> None:
    done = run("digits", code=BLOCK.format(blocked=blocked))
    assert done.returncode == 1
    assert blocked in done.stderr
    assert "pip install '.[demos]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_missing_module_is_not_hidden() -> None:
    done = run("digits", code=BLOCK.format(blocked="tqdm"))
    assert done.returncode != 0
    assert "No module named 'tqdm'" in done.stderr

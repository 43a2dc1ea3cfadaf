"""The digits demonstration on the real data, and the command that runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import demos.__main__ as command
import nn
from demos import digits

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 8
LEAST_ACCURACY = 0.93  # after EPOCHS epochs; 96 % are promised of all 40
PNG, SVG = b"\x89PNG\r\n\x1a\n", b"<svg"


@pytest.fixture(scope="module")
def data() -> digits.Data:
    return digits.load()


@pytest.fixture(scope="module")
def trained(data: digits.Data) -> tuple[nn.Sequential, digits.History]:
    model = digits.build()
    return model, digits.train(model, data, EPOCHS)


Trained = tuple[nn.Sequential, digits.History]


def test_a_fifth_is_held_out(data: digits.Data) -> None:
    assert data.x.shape == (1438, 64)
    assert data.x_test.shape == (359, 64)
    assert (len(data.y), len(data.y_test)) == (1438, 359)
    assert data.x.dtype == np.float32
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert set(data.y) == set(data.y_test) == set(range(10))


def test_training_and_accuracy(trained: Trained, data: digits.Data) -> None:
    model, history = trained
    assert [len(part) for part in history] == [EPOCHS] * 3
    assert history.loss[-1] < 0.2 * history.loss[0]
    assert history.test_accuracy[-1] >= LEAST_ACCURACY
    right = np.mean(digits.predict(model, data.x_test) == data.y_test)
    assert history.test_accuracy[-1] == right


def test_the_same_seed_trains_the_same_model(trained: Trained, data: digits.Data) -> None:
    first = digits.train(digits.build(), data, 1)
    assert first.loss[0] == trained[1].loss[0]


def test_the_gradients_agree(trained: Trained, data: digits.Data) -> None:
    report = digits.check(trained[0], data)
    assert report.passed
    checked = sum(int(np.prod(entry.shape)) for entry in report.entries)
    assert checked == sum(p.size for p in trained[0].parameters()) == 6570


def test_the_pictures(trained: Trained, data: digits.Data, tmp_path: Path) -> None:
    model, history = trained
    curves, sheet, graph = (tmp_path / name for name in ("curves.png", "sheet.png", "graph.svg"))
    digits.draw_curves(history, curves)
    digits.draw_sheet(model, data, sheet)
    digits.draw_graph(graph)
    for picture in (curves, sheet):
        assert picture.read_bytes().startswith(PNG)
        assert picture.stat().st_size > 10_000
    text = graph.read_text()
    assert SVG.decode() in text
    for word in ("linear", "cross_entropy", "4 digits", "0.weight", "loss"):
        assert word in text


def test_the_whole_run_names_its_files(
    trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`python -m demos digits` with the training and the long check cut short."""

    def quick_check(*_: Any) -> Any:
        return autograd.check_gradients(lambda x: x**2, 1.0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(digits, "train", lambda *_: trained[1])
    monkeypatch.setattr(digits, "check", quick_check)
    assert command.main(["digits"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert "1438 digits to train on, 359 held out; 6570 weights" in lines
    assert any("held-out accuracy" in line for line in lines)
    assert any("gradients checked against finite differences" in line for line in lines)
    files = last.removeprefix("written: ").split()
    assert len(files) == 3
    for name in files:
        assert name in last
        assert (tmp_path / name).stat().st_size > 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        Path(name).name for name in files
    )


# --- the command -------------------------------------------------------------------------


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
        assert "digits" in done.stdout
        assert "python -m demos" in done.stdout


def test_an_unknown_name_is_a_usage_error() -> None:
    done = run("numbers")
    assert done.returncode == 2
    assert "numbers" in done.stderr
    assert "digits" in done.stderr
    assert "Traceback" not in done.stderr


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

"""Where models are written to and read from, and what is written beside the arrays."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors

import nn

from ..autograd.helpers import refuses
from .test_serialization import path, refused, saved, small

__all__ = ["path"]  # a fixture


def test_numbers_of_numpy_in_metadata_and_settings(path: Path) -> None:
    model = small()
    optimizer = nn.optim.SGD(model.parameters(), lr=np.float32(0.5))
    nn.save(model, path, optimizer, {"accuracy": np.float32(0.5), "epochs": [np.int64(3)]})
    assert nn.load(model, path, optimizer) == {"accuracy": 0.5, "epochs": [3]}


@pytest.mark.parametrize("metadata", ["abc", [1, 2], 5, {"a": object()}, {(1, 2): 3}])
def test_metadata_json_cannot_say(path: Path, metadata: Any) -> None:
    with refuses(TypeError, "save", "metadata"):
        nn.save(small(), path, metadata=metadata)
    assert not path.exists()


def test_what_is_no_optimiser(path: Path) -> None:
    for given in ({"epoch": 3}, nn.optim.SGD):
        with refuses(TypeError, "save", "no optimiser", "metadata="):
            nn.save(small(), path, given)  # type: ignore[arg-type]
        with refuses(TypeError, "load", "no optimiser"):
            nn.load(small(), path, given)  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_path_to_something_that_is_no_file(tmp_path: Path) -> None:
    pipe, circle = tmp_path / "pipe", tmp_path / "circle"
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    for place in (pipe, circle):
        with refuses(OSError, "save", place.name, "name of a file"):
            nn.save(small(), place)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert circle.is_symlink()
    refused(pipe, "a device or the like", kind=OSError)
    with refuses(IsADirectoryError, "save"):
        nn.save(small(), f"{tmp_path / 'folder'}{os.sep}")


def test_paths_of_any_kind(tmp_path: Path) -> None:
    longest = tmp_path / ("m" * 255)
    for place in (longest, os.fsencode(longest), str(longest)):
        nn.save(small(), place)  # type: ignore[arg-type]
        nn.load(small(), place)  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == [longest.name]
    for what in (io.BytesIO(), None):
        with refuses(TypeError, "save", type(what).__name__, "no path"):
            nn.save(small(), what)  # type: ignore[arg-type]
        with refuses(TypeError, "load", type(what).__name__, "no path"):
            nn.load(small(), what)  # type: ignore[arg-type]


def test_a_full_disk_is_an_oserror(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise safetensors.SafetensorError("I/O error: No space left on device")

    saved(path)
    before = path.read_bytes()
    monkeypatch.setattr("safetensors.numpy.save_file", full)
    with refuses(OSError, "save", path.name, "No space left"):
        nn.save(small(), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_name_that_safetensors_reserves(path: Path) -> None:
    model: Any = nn.Identity()
    setattr(model, "__metadata__", nn.Parameter([1.0]))  # noqa: B010  (no name of Python's)
    with refuses(ValueError, "'__metadata__'", "rename"):
        nn.save(model, path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**5, "3", "{}", '{"state": [], "param_groups": []}',
        '{"state": {"x": {}}, "param_groups": []}', '{"state": {"0": 3}, "param_groups": []}',
    ],
)  # fmt: skip
def test_a_malformed_text_changes_nothing(path: Path, text: str) -> None:
    for key in ("optimizer", "metadata"):
        if key == "metadata" and text.startswith("{"):
            continue
        model, other = small(), small()
        optimizer = nn.optim.Adam(other.parameters())
        texts = {"metadata": "{}", "optimizer": "{}", key: text}
        nn.serialization.write(path, model.state_dict(), texts)
        before = other.state_dict()
        with refuses(ValueError, "load", path.name):
            nn.load(other, path, optimizer)
        for name, x in other.state_dict().items():
            np.testing.assert_array_equal(x, before[name])

"""Files: there and back, PyTorch's and other libraries', and files that are not what they seem."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import nn
from nn.serialization import File

from ..autograd.helpers import refuses
from ..autograd.numeric import spread


class Kept(nn.Module):
    """Parameters and buffers of several dtypes and shapes."""

    def __init__(self) -> None:
        self.layer = nn.Linear(3, 2)
        self.double = nn.Parameter(spread((2, 2), 1))
        self.number = nn.Parameter(2.5)
        self.nothing = nn.Parameter(np.zeros((0, 3)))
        self.register_buffer("count", np.array(7))
        self.register_buffer("mask", np.array([True, False]))


def contents(model: nn.Module) -> dict[str, Any]:
    return {name: (x.dtype, x.tolist()) for name, x in model.state_dict().items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def small() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))


def trained(model: nn.Module, steps: int = 3) -> nn.optim.Optimizer:
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1)
    steps_of(model, optimizer, steps)
    return optimizer


def steps_of(model: nn.Module, optimizer: nn.optim.Optimizer, steps: int) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        (model(np.ones((4, 2), np.float32)) ** 2).sum().backward()
        optimizer.step()


# --- there and back ----------------------------------------------------------------------


def test_every_dtype_and_shape(path: Path) -> None:
    model, other = Kept(), Kept()
    model.double.data += 1
    nn.save(model, path)
    assert nn.load(other, path) == {}
    assert contents(other) == contents(model)
    assert os.listdir(path.parent) == [path.name]  # nothing is left beside it


def test_optimiser_and_metadata(path: Path) -> None:
    model = small()
    optimizer = trained(model)
    metadata = {"epoch": 3, "names": ["a", "ä"], "nested": {"x": 0.1, "none": None}}
    nn.save(model, str(path), optimizer, metadata)
    other = small()
    twin = nn.optim.Adam(other.parameters())
    assert nn.load(other, path, twin) == metadata
    assert twin.lr == 0.1
    for m, o in ((model, optimizer), (other, twin)):
        steps_of(m, o, 3)
    assert contents(other) == contents(model)  # to the last bit
    nn.load(small(), path)  # the model alone


def test_a_scalar_model(path: Path) -> None:
    model, other = nn.MLP(2, [3, 1]), nn.MLP(2, [3, 1])
    nn.save(model, path)
    nn.load(other, path)
    assert contents(other) == contents(model)


def test_lbfgs(path: Path) -> None:
    model = small()
    optimizer = nn.optim.LBFGS(model.parameters())

    def closure() -> Any:
        optimizer.zero_grad()
        loss = ((model(np.ones((4, 2), np.float32)) - 1) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    nn.save(model, path, optimizer)
    twin = nn.optim.LBFGS(model.parameters())
    nn.load(model, path, twin)
    ours, theirs = optimizer.state_dict()["state"][0], twin.state_dict()["state"][0]
    for name, x in ours.items():
        np.testing.assert_array_equal(theirs[name], x)


def test_the_library_reads_it(path: Path) -> None:
    model = small()
    nn.save(model, path, metadata={"a": 1})
    arrays = load_file(path)
    assert arrays.keys() == model.state_dict().keys()
    for name, x in model.state_dict().items():
        np.testing.assert_array_equal(arrays[name], x)
    with safe_open(path, "np") as file:
        assert json.loads(file.metadata()["metadata"]) == {"a": 1}


def test_a_file_of_the_library(path: Path) -> None:
    model = small()
    arrays = {name: x + 1 for name, x in model.state_dict().items()}
    save_file(arrays, path, {"format": "pt"})
    assert nn.load(model, path) == {"format": "pt"}
    for name, x in model.state_dict().items():
        np.testing.assert_array_equal(x, arrays[name])
    save_file(arrays, path)
    assert nn.load(model, path) == {}


def test_pytorch_both_ways(path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    from safetensors.torch import load_model, save_model

    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    ours, x = small(), spread((5, 2), 1).astype(np.float32)
    save_model(theirs, path)
    nn.load(ours, path)
    expected = theirs(torch.tensor(x)).detach().numpy()
    # Sums of three and of four numbers below 1, each rounded to 6e-8.
    np.testing.assert_allclose(ours(x).numpy(), expected, rtol=0, atol=5e-7)
    ours[0].weight.data += 1
    nn.save(ours, path)
    load_model(theirs, path)
    np.testing.assert_array_equal(theirs[0].weight.detach().numpy(), ours[0].weight.data)


def test_pytorchs_tied_parameters(path: Path) -> None:
    """Its `save_model` writes shared memory once, under one of the names."""
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    arrays = {name: x + 1 for name, x in model.state_dict().items() if name != "0.weight"}
    save_file(arrays, path)
    nn.load(model, path)
    np.testing.assert_array_equal(model[0].weight.data, arrays["1.weight"])


def test_another_byte_order(path: Path) -> None:
    model, other = nn.Identity(), nn.Identity()
    model.register_buffer("x", np.array([1.0, 2.0], ">f4"))
    other.register_buffer("x", np.zeros(2, np.float32))
    nn.save(model, path)
    nn.load(other, path)
    assert other.state_dict()["x"].tolist() == [1.0, 2.0]


# --- what does not fit -------------------------------------------------------------------


def refused(path: Path, *words: str, kind: Any = ValueError) -> None:
    """Loading fails with these words and changes neither model nor optimiser."""
    model = small()
    optimizer = trained(model)
    before, state = contents(model), optimizer.state_dict()
    with refuses(kind, *words):
        nn.load(model, path, optimizer)
    assert contents(model) == before
    after = optimizer.state_dict()
    assert after["param_groups"] == state["param_groups"]
    for i, entries in state["state"].items():
        for name, x in entries.items():
            np.testing.assert_array_equal(after["state"][i][name], x)


def saved(path: Path) -> bytes:
    model = small()
    nn.save(model, path, trained(model), {"a": 1})
    return path.read_bytes()


def test_truncated_anywhere(path: Path) -> None:
    whole = saved(path)
    for size in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:size])
        refused(path, str(path), "truncated")


def test_one_byte_changed_anywhere(path: Path) -> None:
    """In the contents by the digest, in the header by the header's rules or the digest."""
    whole = saved(path)
    rng = np.random.default_rng(0)
    header = struct.unpack("<Q", whole[:8])[0] + 8
    places = [*rng.integers(0, header, 60), *rng.integers(header, len(whole), 60), len(whole) - 1]
    for place in map(int, places):
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(0, 7))
        path.write_bytes(bytes(changed))
        refused(path, "load")


def test_longer_than_it_says(path: Path) -> None:
    whole = saved(path)
    path.write_bytes(whole + b"\0" * 16)
    refused(path, "truncated, or no safetensors file")


@pytest.mark.parametrize("size", [2**62, 2**40, 200_000_000])
def test_a_header_that_claims_to_be_huge(path: Path, size: int) -> None:
    path.write_bytes(struct.pack("<Q", size) + b"{}")
    refused(path, "truncated, or no safetensors file")


def with_header(path: Path, header: dict[str, Any], data: bytes = b"") -> None:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def test_shapes_that_claim_to_be_huge(path: Path) -> None:
    entry = {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}
    with_header(path, {"0.weight": entry}, b"\0" * 4)
    refused(path, "truncated, or no safetensors file")


def test_a_large_file_of_another_model_is_not_read(path: Path) -> None:
    """A sparse file of 1 TB whose header is right: refused by its shapes."""
    rows = 2**38
    entry = {"dtype": "F32", "shape": [rows], "data_offsets": [0, 4 * rows]}
    with_header(path, {"0.weight": entry})
    with open(path, "r+b") as file:
        try:
            file.truncate(path.stat().st_size + 4 * rows)
        except OSError:
            pytest.skip("this file system has no sparse files of 1 TB")
    refused(path, "misshapen", f"({rows},)", "missing")


def test_a_state_of_an_optimiser_that_is_huge(path: Path) -> None:
    """A sparse file of 1 TB that says it is ours: refused before its contents are read."""
    header: dict[str, Any] = {"__metadata__": {"chainrule.sha256": "0", "metadata": "{}"}}
    start = 0
    for name, x in small().state_dict().items():
        header[name] = {"dtype": "F32", "shape": x.shape, "data_offsets": [start, start + x.nbytes]}
        start += x.nbytes
    size = 2**40
    header["optimizer.0.m"] = {
        "dtype": "U8",
        "shape": [size],
        "data_offsets": [start, start + size],
    }
    with_header(path, header)
    with open(path, "r+b") as file:
        try:
            file.truncate(path.stat().st_size + start + size)
        except OSError:
            pytest.skip("this file system has no sparse files of 1 TB")
    refused(path, "too many", str(size))


def test_a_dtype_numpy_does_not_have(path: Path) -> None:
    entry = {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}
    with_header(path, {"0.weight": entry}, b"\0\0")
    refused(path, "0.weight", "BF16", "F32")


@pytest.mark.parametrize(
    "data",
    [b"", b"not a model", b"\x80\x04\x95" + b"x" * 100, b"PK\x03\x04" + b"\0" * 100, b"\0" * 64],
    ids=["empty", "text", "pickle", "zip", "zeros"],
)
def test_foreign_files(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    refused(path, str(path), "truncated, or no safetensors file")


def test_a_pickle_is_not_executed(path: Path, tmp_path: Path) -> None:
    import pickle

    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    path.write_bytes(pickle.dumps(Evil()))
    refused(path, "no safetensors file")
    assert not (tmp_path / "executed").exists()


def test_no_file_and_a_directory(path: Path, tmp_path: Path) -> None:
    refused(path, str(path), kind=FileNotFoundError)
    refused(tmp_path, str(tmp_path), "is a directory", kind=IsADirectoryError)


def test_what_is_no_model(path: Path) -> None:
    """As PyTorch's users begin: with the state, or with the arguments the other way round."""
    for model in (small().state_dict(), str(path)):
        with refuses(TypeError, "save", type(model).__name__, "save(model, path)"):
            nn.save(model, small())  # type: ignore[arg-type]
        with refuses(TypeError, "load", type(model).__name__, "load(model, path)"):
            nn.load(model, path)  # type: ignore[arg-type]


def test_another_model(path: Path) -> None:
    nn.save(nn.Sequential(nn.Linear(2, 4), nn.ReLU()), path)
    refused(path, "Sequential", "missing: 2.weight, 2.bias", "0.weight is (4, 2)", "(3, 2)")


def test_another_optimiser(path: Path) -> None:
    model = small()
    optimizer = nn.optim.SGD(model.parameters(), momentum=0.9)
    steps_of(model, optimizer, 1)
    nn.save(model, path, optimizer)
    refused(path, "Adam", "without amsgrad, betas, eps")
    nn.save(model, path)
    refused(path, "no state of an optimiser")


def test_metadata_that_lie(path: Path) -> None:
    """Texts of ours in a file of another: its digest is missing or wrong."""
    arrays = small().state_dict()
    save_file(arrays, path, {"chainrule.sha256": "0" * 64, "metadata": "{}"})
    refused(path, "have changed")


# --- writing -----------------------------------------------------------------------------


def test_what_cannot_be_saved(path: Path) -> None:
    saved(path)
    before = path.read_bytes()
    with refuses(TypeError, "JSON"):
        nn.save(small(), path, metadata={"a": object()})
    model = small()
    model.optimizer = nn.Linear(1, 1)  # type: ignore[attr-defined]
    with refuses(ValueError, "optimizer.weight", "reserved"):
        nn.save(model, path)
    model = nn.Identity()
    model.register_buffer("z", 1j)
    with refuses(TypeError, "z is of dtype complex128"):
        nn.save(model, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("moment", ["writing", "replacing"])
def test_an_interrupted_save_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = saved(path)

    def interrupted(*args: Any) -> None:
        if moment == "writing":
            Path(args[1]).write_bytes(b"half")
        raise KeyboardInterrupt

    name = "safetensors.numpy.save_file" if moment == "writing" else "os.replace"
    monkeypatch.setattr(name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        nn.save(small(), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with refuses(FileNotFoundError, "save", "no directory", str(tmp_path / "no"), "make it"):
        nn.save(small(), tmp_path / "no" / "model.safetensors")
    assert not (tmp_path / "no").exists()
    with refuses(IsADirectoryError, str(tmp_path)):
        nn.save(small(), tmp_path)


def test_permissions_are_the_usual_ones_and_links_are_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    link = tmp_path / "link"
    link.symlink_to(path)
    nn.save(small(), link)
    assert link.is_symlink()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode
    File(path).arrays()

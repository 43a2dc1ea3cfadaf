"""Keeping models in files: safetensors, as PyTorch's users and the safetensors library read it.

Nothing in a file is executed. A file is written beside its name and then takes its place, so an
interruption leaves the old one whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .module import Module
from .optim import Optimizer
from .state import check, put

RESERVED = ("optimizer.", "best.", "fit.")
"""How the names of entries begin that are not the model's."""

_OTHERS = 1000
"""How many times the model's bytes the other entries may have: L-BFGS keeps 200 by default."""

_DTYPES = {
    "F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1",
    "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "?", "C64": "c8",
}  # fmt: skip


def save(
    model: Module,
    path: str | os.PathLike[str],
    optimizer: Optimizer | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write the parameters and buffers of a model to a safetensors file.

    Args:
        model: its `state_dict` is what is written, under its names.
        path: of the file; one that is there is replaced, once the new one is complete.
        optimizer: whose state is written as well, in entries that begin with "optimizer.".
        metadata: anything JSON can say, which `load` returns.

    Raises:
        TypeError: for what is no Module, or metadata that JSON cannot say; ValueError: for names
            that are reserved; FileNotFoundError: for a directory that is not there;
            IsADirectoryError: for a path to one.

    >>> import pathlib, tempfile
    >>> import nn
    >>> model = nn.Linear(3, 2)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> nn.save(model, path, metadata={"epochs": 3})
    >>> nn.load(nn.Linear(3, 2), path)
    {'epochs': 3}
    """
    _check_module("save", model)
    arrays, texts = model.state_dict(), {"metadata": json.dumps(dict(metadata or {}))}
    refuse_reserved(arrays)
    if optimizer is not None:
        entries, text = pack_optimizer(optimizer)
        arrays |= entries
        texts["optimizer"] = text
    write(path, arrays, texts)


def load(
    model: Module, path: str | os.PathLike[str], optimizer: Optimizer | None = None
) -> dict[str, Any]:
    """Fill a model from a safetensors file: one of `save`, PyTorch's, or of other libraries.

    The shapes in the file are compared with the model's before its contents are read, and
    nothing is changed unless all of it fits.

    Args:
        model: of the structure that was saved.
        path: of the file.
        optimizer: whose state is loaded as well.

    Returns:
        The metadata given to `save`, or those of a file of another library.

    Raises:
        ValueError: for a file that is truncated, changed since it was saved, no safetensors
            file, or of another model; FileNotFoundError: for none; IsADirectoryError: for a
            directory; TypeError: for what is no Module.
    """
    _check_module("load", model)
    file = File(path)
    entries, optional = model.state_entries()
    what = f"load({str(path)!r}): {type(model).__name__}"
    check(what, entries, file.outlines(), True, optional)
    arrays = file.arrays()
    fitting, _, _ = check(what, entries, own_entries(arrays, file.ours), True, optional)
    if optimizer is not None:
        if "optimizer" not in file.texts:
            raise ValueError(f"load({str(path)!r}): the file has no state of an optimiser")
        optimizer.load_state_dict(unpack_optimizer(arrays, file.texts["optimizer"]))
    put(entries, fitting)
    return file.metadata()


def _check_module(what: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"{what}: {type(model).__name__} is no Module: call {what}(model, path), with the "
            "model itself, not its state_dict()"
        )


def refuse_reserved(names: Iterable[str]) -> None:
    """Refuse names of a model's state that mean something else in a file."""
    for name in names:
        if name.startswith(RESERVED):
            raise ValueError(
                f"save: the name {name!r} is reserved, as are all that begin with "
                f"{' or '.join(RESERVED)}: rename the attribute"
            )


def own_entries(arrays: Mapping[str, Any], ours: bool) -> dict[str, Any]:
    """The entries that are the model's."""
    return {k: x for k, x in arrays.items() if not (ours and k.startswith(RESERVED))}


# --- files ------------------------------------------------------------------------------


def write(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], texts: dict[str, str]
) -> None:
    """Write a safetensors file whole or not at all, with a digest of its contents."""
    from safetensors.numpy import save_file  # where it is used: importing nn stays quick

    for name, array in arrays.items():
        if array.dtype.newbyteorder("=").str[1:] not in (*_DTYPES.values(), "b1"):
            raise TypeError(
                f"save: {name} is of dtype {array.dtype}, which safetensors does not have: "
                f"convert it to one of {', '.join(_DTYPES)}"
            )
    # In the machine's byte order, rows first.
    arrays = {k: np.array(x, x.dtype.newbyteorder("="), order="C") for k, x in arrays.items()}
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"save: {str(path)!r} is a directory: give the name of a file")
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"save: {str(path)!r}: there is no directory {str(target.parent)!r}: make it first"
        )
    texts = {**texts, "format": "np"}
    texts["sha256"] = _digest(arrays, texts)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        beside.touch(exist_ok=False)
        permissions = (target if target.exists() else beside).stat().st_mode
        save_file(dict(arrays), beside, texts)
        os.chmod(beside, permissions)  # safetensors makes a file for its owner only
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


class File:
    """A safetensors file that was found well formed; the contents are read when asked for."""

    file: Any

    def __init__(self, path: str | os.PathLike[str]) -> None:
        from safetensors import SafetensorError, safe_open

        self.path = path
        if os.path.isdir(path):
            raise IsADirectoryError(f"load: {str(path)!r} is a directory: give a file in it")
        if not os.path.isfile(path):
            raise FileNotFoundError(f"load: there is no file {str(path)!r}")
        try:
            self.file = safe_open(path, framework="np")
        except SafetensorError as error:
            raise ValueError(
                f"load({str(path)!r}): truncated, or no safetensors file: {error}"
            ) from error
        self.texts: dict[str, str] = dict(self.file.metadata() or {})
        self.ours = "sha256" in self.texts

    def outlines(self) -> dict[str, np.ndarray]:
        """The model's entries as arrays of the right shape and dtype that take no memory."""
        found = {}
        for name in self.file.keys():  # noqa: SIM118  (a file is no dict)
            part = self.file.get_slice(name)
            if part.get_dtype() not in _DTYPES:
                raise ValueError(
                    f"load({str(self.path)!r}): {name} is of dtype {part.get_dtype()}, which NumPy "
                    "does not have: save it as F32"
                )
            zero = np.zeros((), _DTYPES[part.get_dtype()])
            found[name] = np.broadcast_to(zero, tuple(part.get_shape()))
        own = own_entries(found, self.ours)
        size = sum(x.nbytes for x in own.values())
        others = sum(x.nbytes for x in found.values()) - size
        if others > _OTHERS * size + 2**24:
            raise ValueError(
                f"load({str(self.path)!r}): {others} bytes beside a model of {size}: too many to "
                "be the state of its optimiser"
            )
        return own

    def arrays(self) -> dict[str, np.ndarray]:
        """All entries; an error where they are not what was saved."""
        arrays = {name: self.file.get_tensor(name) for name in self.file.keys()}  # noqa: SIM118
        if self.ours:
            texts = {key: text for key, text in self.texts.items() if key != "sha256"}
            if _digest(arrays, texts) != self.texts["sha256"]:
                raise ValueError(
                    f"load({str(self.path)!r}): the contents have changed since the file was saved"
                )
        return arrays

    def metadata(self) -> dict[str, Any]:
        """What was given to `save`; of a file of another library, its texts."""
        return parsed(self.path, self.texts.get("metadata", "{}")) if self.ours else self.texts


def parsed(path: Any, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"load({str(path)!r}): its metadata are no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"load({str(path)!r}): its metadata are no JSON object")
    return value


def _digest(arrays: Mapping[str, np.ndarray], texts: Mapping[str, str]) -> str:
    """SHA-256 of names, dtypes, shapes, contents and texts, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(json.dumps([name, array.dtype.str, arrays[name].shape]).encode())
        digest.update(array.data.cast("B") if array.size else b"")
    digest.update(json.dumps(sorted(texts.items())).encode())
    return digest.hexdigest()


# --- the state of an optimiser ----------------------------------------------------------


def pack_optimizer(optimizer: Optimizer) -> tuple[dict[str, np.ndarray], str]:
    """The arrays of its state by the names of entries, and the numbers as JSON."""
    state = optimizer.state_dict()
    arrays: dict[str, np.ndarray] = {}
    numbers: dict[str, dict[str, Any]] = {}
    for i, entries in state["state"].items():
        numbers[str(i)] = {}
        for name, x in entries.items():
            if isinstance(x, np.ndarray):
                arrays[f"optimizer.{i}.{name}"] = x
            else:
                numbers[str(i)][name] = x
    return arrays, json.dumps({"state": numbers, "param_groups": state["param_groups"]})


def unpack_optimizer(arrays: Mapping[str, np.ndarray], text: str) -> dict[str, Any]:
    """The state as `Optimizer.load_state_dict` takes it."""
    plain = parsed("optimizer", text)
    state: dict[int, dict[str, Any]] = {int(i): dict(x) for i, x in plain["state"].items()}
    for name, array in arrays.items():
        if name.startswith("optimizer."):
            _, number, key = name.split(".", 2)
            state.setdefault(int(number), {})[key] = array
    return {"state": state, "param_groups": plain["param_groups"]}

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

_DIGEST = "chainrule.sha256"
"""The text that only files of `save` have."""

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
        TypeError: for what is no Module or no Optimizer, or metadata that JSON cannot say;
            ValueError: for names that are reserved; OSError: for a path to what is no file or
            cannot be written, FileNotFoundError where the directory is not there.

    >>> import pathlib, tempfile
    >>> import nn
    >>> model = nn.Linear(3, 2)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> nn.save(model, path, metadata={"epochs": 3})
    >>> nn.load(nn.Linear(3, 2), path)
    {'epochs': 3}
    """
    _check_kinds("save", model, optimizer)
    if not (metadata is None or isinstance(metadata, Mapping)):
        raise TypeError(f"save: metadata {metadata!r:.60}: give a dict")
    arrays, texts = model.state_dict(), {"metadata": as_json("metadata", dict(metadata or {}))}
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
            file, or of another model; OSError: for what is no file or cannot be read,
            FileNotFoundError for none; TypeError: for what is no Module or no Optimizer.

    >>> import pathlib, tempfile
    >>> import nn
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> nn.save(nn.Linear(3, 2), path)
    >>> nn.load(nn.Linear(2, 2), path)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: load('...'): Linear: the state does not fit the model, nothing was loaded
      misshapen: weight is (2, 3), the model's (2, 2)
    """
    _check_kinds("load", model, optimizer)
    file = File(path)
    metadata = file.metadata()
    entries, optional = model.state_entries()
    what = f"load({file.path!r}): {type(model).__name__}"
    check(what, entries, file.outlines(), True, optional)
    arrays = file.arrays()
    fitting, _, _ = check(what, entries, own_entries(arrays, file.ours), True, optional)
    if optimizer is not None:
        if "optimizer" not in file.texts:
            raise ValueError(f"load({file.path!r}): the file has no state of an optimiser")
        optimizer.load_state_dict(unpack_optimizer(file, arrays))
    put(entries, fitting)
    return metadata


def _check_kinds(what: str, model: Any, optimizer: Any) -> None:
    if not (optimizer is None or isinstance(optimizer, Optimizer)):
        raise TypeError(
            f"{what}: {type(optimizer).__name__} is no optimiser: give one of nn.optim, itself; "
            "anything else goes in metadata="
        )
    if not isinstance(model, Module):
        raise TypeError(
            f"{what}: {type(model).__name__} is no Module: call {what}(model, path), with the "
            "model itself, not its state_dict()"
        )


def refuse_reserved(names: Iterable[str]) -> None:
    """Refuse names of a model's state that mean something else in a file."""
    for name in names:
        if name.startswith(RESERVED) or name == "__metadata__":
            raise ValueError(
                f"save: the name {name!r} is reserved, as are '__metadata__' and all that begin "
                f"with {' or '.join(RESERVED)}: rename the attribute"
            )


def own_entries(arrays: Mapping[str, Any], ours: bool) -> dict[str, Any]:
    """The entries that are the model's."""
    return {k: x for k, x in arrays.items() if not (ours and k.startswith(RESERVED))}


# --- files ------------------------------------------------------------------------------


def write(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], texts: dict[str, str]
) -> None:
    """Write a safetensors file whole or not at all, with a digest of its contents."""
    from safetensors import SafetensorError  # where it is used: importing nn stays quick
    from safetensors.numpy import save_file

    target = checked_target(path)
    check_dtypes(arrays)
    # In the machine's byte order, rows first.
    arrays = {k: np.array(x, x.dtype.newbyteorder("="), order="C") for k, x in arrays.items()}
    texts = {**texts, "format": "np"}
    texts[_DIGEST] = _digest(arrays, texts)
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")  # any name may be as long as can be
    try:
        beside.touch(exist_ok=False)
        permissions = (target if target.exists() else beside).stat().st_mode
        save_file(dict(arrays), beside, texts)
        os.chmod(beside, permissions)  # safetensors makes a file for its owner only
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, target)
    except SafetensorError as error:  # a full disk
        raise OSError(f"save: {str(target)!r} could not be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def checked_target(path: Any) -> Path:
    """The file that `path` leads to, if it can be one."""
    name = _file_name("save", path)
    target = Path(os.path.realpath(name))
    if target.is_dir() or name.endswith(os.sep):
        raise IsADirectoryError(f"save: {name!r} is a directory: give the name of a file")
    if os.path.lexists(target) and not target.is_file():
        raise OSError(f"save: {name!r} is a device or the like: give the name of a file")
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"save: {name!r}: there is no directory {str(target.parent)!r}: make it first"
        )
    return target


def check_dtypes(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse what safetensors cannot hold."""
    for name, array in arrays.items():
        if array.dtype.newbyteorder("=").str[1:] not in (*_DTYPES.values(), "b1"):
            raise TypeError(
                f"save: {name} is of dtype {array.dtype}, which safetensors does not have: "
                f"convert it to one of {', '.join(_DTYPES)}"
            )


def _file_name(what: str, path: Any) -> str:
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(
            f"{what}: {type(path).__name__} is no path: give the name of a file"
        ) from None


class File:
    """A safetensors file that was found well formed; the contents are read when asked for."""

    file: Any

    def __init__(self, path: str | os.PathLike[str]) -> None:
        from safetensors import SafetensorError, safe_open

        self.path = _file_name("load", path)
        if os.path.isdir(self.path):
            raise IsADirectoryError(f"load: {self.path!r} is a directory: give a file in it")
        if not os.path.exists(self.path):
            raise FileNotFoundError(f"load: there is no file {self.path!r}")
        if not os.path.isfile(self.path):
            raise OSError(f"load: {self.path!r} is a device or the like: give the name of a file")
        if not os.access(self.path, os.R_OK):
            raise PermissionError(f"load: {self.path!r} may not be read")
        try:
            self.file = safe_open(self.path, framework="np")
        except SafetensorError as error:
            raise ValueError(
                f"load({self.path!r}): truncated, or no safetensors file: {error}"
            ) from error
        self.texts: dict[str, str] = dict(self.file.metadata() or {})
        self.ours = _DIGEST in self.texts

    def outlines(self) -> dict[str, np.ndarray]:
        """The model's entries as arrays of the right shape and dtype that take no memory."""
        found = {}
        for name in self.file.keys():  # noqa: SIM118  (a file is no dict)
            part = self.file.get_slice(name)
            if part.get_dtype() not in _DTYPES:
                raise ValueError(
                    f"load({self.path!r}): {name} is of dtype {part.get_dtype()}, which NumPy "
                    "does not have: save it as F32"
                )
            zero = np.zeros((), _DTYPES[part.get_dtype()])
            found[name] = np.broadcast_to(zero, tuple(part.get_shape()))
        own = own_entries(found, self.ours)
        size = sum(x.nbytes for x in own.values())
        others = sum(x.nbytes for x in found.values()) - size
        if others > _OTHERS * size + 2**24:
            raise ValueError(
                f"load({self.path!r}): {others} bytes beside a model of {size}: too many to "
                "be the state of its optimiser"
            )
        return own

    def arrays(self) -> dict[str, np.ndarray]:
        """All entries; an error where they are not what was saved."""
        arrays = {name: self.file.get_tensor(name) for name in self.file.keys()}  # noqa: SIM118
        if self.ours:
            texts = {key: text for key, text in self.texts.items() if key != _DIGEST}
            if _digest(arrays, texts) != self.texts[_DIGEST]:
                raise ValueError(
                    f"load({self.path!r}): the contents have changed since the file was saved"
                )
        return arrays

    def metadata(self) -> dict[str, Any]:
        """What was given to `save`; of a file of another library, its texts."""
        return self.said("metadata") if self.ours else self.texts

    def said(self, key: str) -> dict[str, Any]:
        """The JSON object in one of the texts."""
        try:
            value = json.loads(self.texts.get(key, "{}"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"load({self.path!r}): its {key} is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise ValueError(f"load({self.path!r}): its {key} is no JSON object")
        return value


def as_json(what: str, value: Any) -> str:
    """The text of a value of which numbers may be NumPy's."""

    def number(x: Any) -> Any:
        if isinstance(x, np.generic):
            return x.item()
        raise TypeError(f"{type(x).__name__} {x!r:.60}")

    try:
        return json.dumps(value, default=number)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"save: {what} that JSON cannot say: {error}: give numbers, texts, lists and dicts"
        ) from error


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
    text = as_json("settings", {"state": numbers, "param_groups": state["param_groups"]})
    return arrays, text


def unpack_optimizer(file: File, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The state as `Optimizer.load_state_dict` takes it."""
    plain = file.said("optimizer")
    try:
        state: dict[int, dict[str, Any]] = {int(i): dict(x) for i, x in plain["state"].items()}
        for name, array in arrays.items():
            if name.startswith("optimizer."):
                _, number, key = name.split(".", 2)
                state.setdefault(int(number), {})[key] = array
        return {"state": state, "param_groups": plain["param_groups"]}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"load({file.path!r}): the state of its optimiser is malformed: {error!r}"
        ) from error

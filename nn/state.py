"""Reading and filling the state of a model: its parameters and buffers by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, Value


class Entry(NamedTuple):
    """Where an entry of the state is: an attribute of a parameter or of a module."""

    owner: Any
    attribute: str

    @property
    def contents(self) -> Any:
        return getattr(self.owner, self.attribute)

    @property
    def place(self) -> tuple[int, str]:
        """The same for two names of one parameter."""
        return id(self.owner), self.attribute


def add(entries: dict[str, Entry], more: Mapping[str, Entry]) -> None:
    """Take in further places, if they have names of their own.

    Raises:
        ValueError: for a name that something else has, as keys 1 and "1" of a dict lead to.
    """
    for name, entry in more.items():
        if entries.setdefault(name, entry).place != entry.place:
            raise ValueError(
                f"two entries of the state are called {name!r}: rename an attribute or a key"
            )


def snapshot(entry: Entry) -> np.ndarray:
    """The contents in memory of their own, rows first."""
    return np.array(entry.contents, order="C")


def check(
    what: str,
    entries: Mapping[str, Entry],
    state: Mapping[str, Any],
    strict: bool,
    optional: set[str],
) -> tuple[dict[str, np.ndarray], list[str], list[str]]:
    """Compare arrays by name with the places for them.

    Args:
        what: is being done, for errors.
        entries: the places by name.
        state: the arrays by name.
        strict: whether each name has to be in both.
        optional: names that may be in one only.

    Returns:
        The arrays that have a place, the names that are missing, and those without a place.

    Raises:
        ValueError: naming everything that does not fit.
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{what}: {type(state).__name__} is no dict of arrays by name: give what state_dict() "
            "returned"
        )
    missing, unexpected = _differences(entries, state, optional)
    problems = []
    if strict and missing:
        problems.append("missing: " + ", ".join(missing))
    if strict and unexpected:
        problems.append("unexpected: " + ", ".join(map(str, unexpected)))
    arrays: dict[str, np.ndarray] = {}
    for key in [key for key in entries if key in state]:
        given = state[key]
        try:
            array = np.asarray(given.data if isinstance(given, (Tensor, Value)) else given)
        except (TypeError, ValueError, RuntimeError) as error:
            problems.append(f"no array: {key} is {type(given).__name__}, {error}")
            continue
        arrays[key] = array
        problem = _misfit(key, array, entries[key])
        if problem:
            problems.append(problem)
    problems += _untied(entries, arrays)
    if problems:
        raise ValueError(
            f"{what}: the state does not fit the model, nothing was loaded\n  "
            + "\n  ".join(problems)
        )
    return arrays, missing, unexpected


def put(entries: Mapping[str, Entry], arrays: Mapping[str, np.ndarray]) -> None:
    """Put arrays that `check` let pass into their places."""
    for key, array in arrays.items():
        _put(entries[key], array)


def _differences(
    entries: Mapping[str, Entry], state: Mapping[str, Any], optional: set[str]
) -> tuple[list[str], list[str]]:
    """The names without an array, and those without a place."""
    # A parameter that modules share is there if one of its names is.
    given = {entry.place for key, entry in entries.items() if key in state}
    missing = [
        key for key, entry in entries.items() if entry.place not in given and key not in optional
    ]
    return missing, [key for key in state if key not in entries and key not in optional]


def _misfit(key: str, array: np.ndarray, entry: Entry) -> str:
    """What is wrong with an array for its place, or nothing."""
    if np.shape(entry.contents) != array.shape:
        return f"misshapen: {key} is {array.shape}, the model's {np.shape(entry.contents)}"
    dtype = np.asarray(entry.contents).dtype
    if not np.can_cast(array.dtype, dtype):
        return (
            f"of another dtype: {key} is {array.dtype}, the model's {dtype}: "
            f"convert it with .astype({dtype.name!r}), or the model with .to({array.dtype.name!r})"
        )
    return ""


def _untied(entries: Mapping[str, Entry], arrays: Mapping[str, np.ndarray]) -> list[str]:
    """A message for each parameter that the model shares and the state has in two versions."""
    names = defaultdict(list)
    for key in arrays:
        names[entries[key].place].append(key)
    return [
        f"different: {first} and {other} are one parameter in the model"
        for first, *others in names.values()
        for other in others
        if not np.array_equal(arrays[first], arrays[other], equal_nan=True)
    ]


def _put(entry: Entry, array: np.ndarray) -> None:
    if isinstance(entry.owner, Value):
        entry.owner.data = float(array)
    elif isinstance(entry.owner, Tensor):
        entry.owner.data = array
    else:  # its axes in the order they lie in memory, on which the last bits of products depend
        own = np.empty_like(entry.contents)
        own[...] = array
        setattr(entry.owner, entry.attribute, own)

"""The whole state of a training run in a file, from which it goes on to the same bits."""

from __future__ import annotations

import glob
import json
import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from . import serialization
from .init import generator_or_default
from .module import Module
from .state import Entry, check, put, snapshot

if TYPE_CHECKING:
    from .training import Run

_LOSS, _PARAMETER = "fit.loss.", "fit.parameter."


def entries(run: Run) -> tuple[dict[str, Entry], set[str]]:
    """Where all is that training changes, and the names that a state given may have or not.

    That is the state of the model, of a loss that is a Module, and other parameters of the
    optimiser.
    """
    places, optional = run.model.state_entries()
    if isinstance(run.loss, Module):
        own, of_loss = {entry.place for entry in places.values()}, run.loss.state_entries()
        places |= {
            f"{_LOSS}{k}": entry for k, entry in of_loss[0].items() if entry.place not in own
        }
        optional |= {f"{_LOSS}{name}" for name in of_loss[1]}
    own_ids = {id(entry.owner) for entry in places.values()}
    others = [parameter for parameter in run.optimizer.params if id(parameter) not in own_ids]
    places |= {f"{_PARAMETER}{i}": Entry(other, "data") for i, other in enumerate(others)}
    return places, optional


def snapshots(run: Run) -> dict[str, np.ndarray]:
    """All that training changes, copied, by name."""
    return {name: snapshot(entry) for name, entry in entries(run)[0].items()}


def put_back(run: Run, state: dict[str, np.ndarray]) -> None:
    """Bring back what `snapshots` copied."""
    put(entries(run)[0], state)


def write_checkpoint(run: Run, path: str) -> None:
    """Write model, loss, optimiser, schedule, history, best weights and generators."""
    serialization.refuse_reserved(run.model.state_entries()[0])
    of_optimizer, optimizer = serialization.pack_optimizer(run.optimizer)
    best = {f"best.{name}": x for name, x in (run.best_state or {}).items()}
    training = {
        "columns": run.history.columns,
        "best_epoch": run.history.best_epoch,
        "best": run.best,
        "waited": run.waited,
        "schedule": _kind(run.scheduler),
        "scheduler": None if run.scheduler is None else run.scheduler.state_dict(),
        "generators": [_plain(g.bit_generator.state) for g in _generators(run)],
    }
    texts = {
        "metadata": json.dumps({"epoch": run.history.epochs}),
        "optimizer": optimizer,
        "training": json.dumps(training),
    }
    serialization.write(path, {**snapshots(run), **of_optimizer, **best}, texts)


def go_on(run: Run, path: Any, needed: bool) -> None:
    """Put a run where the newest checkpoint of this name was written, if there is one."""
    source = newest(path)
    if source is not None or needed:
        read_checkpoint(run, source or path)


def newest(path: str | os.PathLike[str]) -> str | os.PathLike[str] | None:
    """The file that was written last for a name in which "{epoch}" may stand; None for none."""
    name = str(path)
    if "{epoch}" not in name:
        return path if os.path.exists(path) else None
    epochs = re.compile(re.escape(name).replace(re.escape("{epoch}"), "([0-9]+)", 1))
    found = {}
    for file in glob.glob(glob.escape(name).replace("{epoch}", "*")):
        match = epochs.match(file)
        if match and name.replace("{epoch}", match[1]) == file:
            found[int(match[1])] = file
    return found[max(found)] if found else None


def read_checkpoint(run: Run, path: Any) -> None:
    """Put a run where the checkpoint was written; nothing is changed unless all of it fits."""
    file = serialization.File(path)
    if "training" not in file.texts or "optimizer" not in file.texts:
        raise ValueError(f"fit: {str(path)!r} is no checkpoint of fit")
    what = f"fit: resume from {str(path)!r}"
    check(what, *_strict(run.model.state_entries(), file.outlines()))
    arrays = file.arrays()
    places = entries(run)
    own = serialization.own_entries(arrays, file.ours)
    own |= {k: x for k, x in arrays.items() if k.startswith((_LOSS, _PARAMETER))}
    fitting, _, _ = check(what, *_strict(places, own))
    training = serialization.parsed(path, file.texts["training"])
    best = {k.removeprefix("best."): x for k, x in arrays.items() if k.startswith("best.")}
    if best:
        check(what, *_strict(places, best))
    elif run.keep_best and training["best_epoch"]:
        if training["best_epoch"] != len(training["columns"]["loss"]):
            raise ValueError(
                f"{what}: it has no weights of epoch {training['best_epoch']}, the best so far: "
                "leave restore_best out, or write checkpoints with it"
            )
        best = fitting
    generators = _generators(run)
    kinds = [type(generator.bit_generator).__name__ for generator in generators]
    if kinds != [state["bit_generator"] for state in training["generators"]]:
        raise ValueError(f"{what}: it has the states of other random generators than this run")
    if training["schedule"] != _kind(run.scheduler):
        raise ValueError(
            f"{what}: it was written with {training['schedule'] or 'no scheduler'}, this run has "
            f"{_kind(run.scheduler) or 'no scheduler'}: give the same"
        )
    before = run.optimizer.state_dict()
    run.optimizer.load_state_dict(serialization.unpack_optimizer(arrays, file.texts["optimizer"]))
    try:
        if run.scheduler is not None:
            run.scheduler.load_state_dict(training["scheduler"])
    except Exception:
        run.optimizer.load_state_dict(before)
        raise
    put(places[0], fitting)
    for generator, state in zip(generators, training["generators"], strict=True):
        generator.bit_generator.state = _restored(generator.bit_generator.state, state)
    run.history.columns = training["columns"]
    run.history.best_epoch = training["best_epoch"]
    run.best, run.waited = training["best"], training["waited"]
    run.best_state = best or None


def _strict(places: Any, state: Any) -> tuple[Any, Any, bool, Any]:
    """What `check` wants to compare a whole state with the places for it."""
    return places[0], state, True, places[1]


def _kind(scheduler: Any) -> str | None:
    return None if scheduler is None else type(scheduler).__name__


def _generators(run: Run) -> list[np.random.Generator]:
    """Everything random in the run: the package's generator, and those of all that takes part.

    They are found as attributes of modules, of loaders and of what these are made with.
    """
    found = [generator_or_default(None)]
    owners: list[Any] = [*run.model.modules()]
    owners += run.loss.modules() if isinstance(run.loss, Module) else [run.loss]
    for loader in (run.loader, run.validation):
        owners.append(getattr(loader, "collate_fn", None))
        known: set[int] = set()
        while loader is not None and id(loader) not in known:  # a Subset has a dataset, too
            known.add(id(loader))
            owners.append(loader)
            loader = getattr(loader, "dataset", None)
    for owner in owners:
        attributes = getattr(owner, "__dict__", {}).values()
        found += [x for x in attributes if isinstance(x, np.random.Generator)]
    return list({id(generator): generator for generator in found}.values())


def _plain(state: Any) -> Any:
    """The state of a bit generator as JSON can say it."""
    if isinstance(state, dict):
        return {key: _plain(x) for key, x in state.items()}
    if isinstance(state, np.ndarray):
        return state.tolist()
    return state.item() if isinstance(state, np.generic) else state


def _restored(like: Any, state: Any) -> Any:
    """The same with the arrays that a state has, one such as `like`."""
    if isinstance(like, dict):
        return {key: _restored(like.get(key), x) for key, x in state.items()}
    return np.array(state, like.dtype) if isinstance(like, np.ndarray) else state

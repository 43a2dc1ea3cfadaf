"""The whole state of a training run in a file, from which it goes on to the same bits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from . import serialization
from .data import DataLoader
from .init import generator_or_default
from .module import Module
from .state import check, put

if TYPE_CHECKING:
    from .training import Run


def write_checkpoint(run: Run, path: str) -> None:
    """Write model, optimiser, schedule, history, best weights and generators."""
    arrays = serialization.model_arrays(run.model)
    entries, optimizer = serialization.pack_optimizer(run.optimizer)
    best = {f"best.{name}": x for name, x in (run.best_state or {}).items()}
    training = {
        "columns": run.history.columns,
        "best_epoch": run.history.best_epoch,
        "best": run.best,
        "waited": run.waited,
        "scheduler": None if run.scheduler is None else run.scheduler.state_dict(),
        "generators": [_plain(g.bit_generator.state) for g in _generators(run)],
    }
    texts = {
        "metadata": json.dumps({"epoch": run.history.epochs}),
        "optimizer": optimizer,
        "training": json.dumps(training),
    }
    serialization.write(path, {**arrays, **entries, **best}, texts)


def read_checkpoint(run: Run, path: Any) -> None:
    """Put a run where the checkpoint was written; nothing is changed unless all of it fits."""
    file = serialization.File(path)
    if "training" not in file.texts or "optimizer" not in file.texts:
        raise ValueError(f"fit: {str(path)!r} is no checkpoint of fit")
    what = f"fit: resume from {str(path)!r}"
    places, optional = run.model.state_entries()
    check(what, places, file.outlines(), True, optional)
    arrays = file.arrays()
    own = serialization.own_entries(arrays, file.ours)
    fitting, _, _ = check(what, places, own, True, optional)
    training = serialization.parsed(path, file.texts["training"])
    best = {k.removeprefix("best."): x for k, x in arrays.items() if k.startswith("best.")}
    if best:
        check(what, places, best, True, optional)
    generators = _generators(run)
    if len(training["generators"]) != len(generators):
        raise ValueError(f"{what}: it has the states of other random generators than this run")
    if (training["scheduler"] is None) != (run.scheduler is None):
        raise ValueError(f"{what}: one of the two runs has a scheduler, the other has none")
    run.optimizer.load_state_dict(serialization.unpack_optimizer(arrays, file.texts["optimizer"]))
    put(places, fitting)
    if run.scheduler is not None:
        run.scheduler.load_state_dict(training["scheduler"])
    for generator, state in zip(generators, training["generators"], strict=True):
        generator.bit_generator.state = _restored(generator.bit_generator.state, state)
    run.history.columns = training["columns"]
    run.history.best_epoch = training["best_epoch"]
    run.best, run.waited = training["best"], training["waited"]
    run.best_state = best or None


def _generators(run: Run) -> list[np.random.Generator]:
    """Everything random in the run: the package's generator, the modules' and the loader's."""
    found = [generator_or_default(None)]
    loaders = [x for x in (run.loader, run.validation) if isinstance(x, DataLoader)]
    loss = run.loss.modules() if isinstance(run.loss, Module) else []
    for owner in (*run.model.modules(), *loss, *loaders):
        found += [x for x in vars(owner).values() if isinstance(x, np.random.Generator)]
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

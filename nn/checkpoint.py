"""The whole state of a training run in a file, from which it goes on to the same bits."""

from __future__ import annotations

import glob
import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

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
    optimiser; not what is no state, as buffers that are not persistent.
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


def check_checkpoint(run: Run, path: Any) -> None:
    """Refuse what `write_checkpoint` would only after an epoch."""
    places, _ = run.model.state_entries()
    serialization.refuse_reserved(places)
    serialization.check_dtypes({name: np.asarray(x.contents) for name, x in places.items()})
    serialization.checked_target(numbered(path, 1))


def write_checkpoint(run: Run, path: Any) -> None:
    """Write model, loss, optimiser, schedule, history, best weights and generators."""
    of_optimizer, optimizer = serialization.pack_optimizer(run.optimizer)
    best = {f"best.{name}": x for name, x in (run.best_state or {}).items()}
    training = {
        "settings": _settings(run),
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
        "training": serialization.as_json("the state of the run", training),
    }
    arrays = {**snapshots(run), **of_optimizer, **best}
    serialization.write(numbered(path, run.history.epochs), arrays, texts)


def go_on(run: Run, path: Any, needed: bool) -> None:
    """Put a run where the newest checkpoint of this name was written, if there is one."""
    source = newest(path)
    if source is not None or needed:
        read_checkpoint(run, path if source is None else source)


_EPOCH = re.compile(r"\{epoch(?::(0[0-9]+)d?)?\}")
"""Where the number of the epoch goes in a name: "{epoch}", or with zeros "{epoch:03d}"."""


def numbered(path: Any, epoch: int) -> Any:
    """The name of the checkpoint of an epoch.

    Raises:
        ValueError: for a number written otherwise, which `newest` would not find.
    """
    if not isinstance(path, (str, os.PathLike)):
        return path
    name = _EPOCH.sub(lambda match: format(epoch, match[1] or ""), os.fsdecode(path))
    if "{epoch" in name:
        raise ValueError(f"fit: checkpoint {name!r}: write {{epoch}}, or with zeros {{epoch:03d}}")
    return name


def newest(path: Any) -> Any:
    """The file that was written last for a name in which "{epoch}" may stand; None for none."""
    name = os.fsdecode(path)
    if not _EPOCH.search(name):
        return path if os.path.exists(path) else None
    texts = _EPOCH.split(name)[::2]
    first = re.compile(re.escape(texts[0]) + "([0-9]+)")
    found = {}
    for file in glob.glob("*".join(map(glob.escape, texts))):
        match = first.match(file)
        if match and numbered(name, int(match[1])) == file:
            found[int(match[1])] = file
    return found[max(found)] if found else None


def read_checkpoint(run: Run, path: Any) -> None:
    """Put a run where the checkpoint was written; nothing is changed unless all of it fits."""
    file = serialization.File(path)
    what = f"fit: resume from {file.path!r}"
    if "training" not in file.texts or "optimizer" not in file.texts:
        raise ValueError(f"{what}: it is no checkpoint of fit")
    check(what, *_strict(run.model.state_entries(), file.outlines()))
    arrays = file.arrays()
    places = entries(run)
    own = serialization.own_entries(arrays, file.ours)
    own |= {k: x for k, x in arrays.items() if k.startswith((_LOSS, _PARAMETER))}
    fitting, _, _ = check(what, *_strict(places, own))
    training = file.said("training")
    _check_settings(run, what, training)
    try:
        progress = _progress(training)
        states = training["generators"]
        trial = [_drawn_from(g, state) for g, state in zip(_generators(run), states, strict=True)]
        of_schedule = training["scheduler"]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"{what}: its state of the run is malformed: {error!r}") from error
    best = {k.removeprefix("best."): x for k, x in arrays.items() if k.startswith("best.")}
    if best:
        check(what, *_strict(places, best))
    elif run.keep_best and progress.best_epoch:
        if progress.best_epoch != len(progress.columns["loss"]):
            raise ValueError(
                f"{what}: it has no weights of epoch {progress.best_epoch}, the best so far: "
                "leave restore_best out, or write checkpoints with it"
            )
        best = fitting
    before = run.optimizer.state_dict()
    run.optimizer.load_state_dict(serialization.unpack_optimizer(file, arrays))
    try:
        if run.scheduler is not None:
            run.scheduler.load_state_dict(of_schedule)
    except Exception:
        run.optimizer.load_state_dict(before)
        raise
    put(places[0], fitting)
    for generator, state in zip(_generators(run), trial, strict=True):
        generator.bit_generator.state = state
    run.history.columns, run.history.best_epoch = progress.columns, progress.best_epoch
    run.best, run.waited = progress.best, progress.waited
    run.best_state = best or None


class _Progress(NamedTuple):
    """How far a run was."""

    columns: dict[str, list[float]]
    best_epoch: int
    best: float
    waited: int


def _progress(training: dict[str, Any]) -> _Progress:
    columns = {str(name): [float(x) for x in xs] for name, xs in training["columns"].items()}
    best_epoch, waited = int(training["best_epoch"]), int(training["waited"])
    return _Progress(columns, best_epoch, float(training["best"]), waited)


def _check_settings(run: Run, what: str, training: dict[str, Any]) -> None:
    """Refuse a checkpoint that was written by a run with other settings."""
    theirs, ours = training.get("settings"), _settings(run)
    if not (isinstance(theirs, dict) and theirs.keys() == ours.keys()):
        raise ValueError(f"{what}: its settings are malformed, or another version's")
    for key, setting in ours.items():
        if theirs[key] != setting:
            raise ValueError(
                f"{what}: it was written with {key} {theirs[key] or 'none'}, this run has "
                f"{setting or 'none'}: give the same"
            )


def _settings(run: Run) -> dict[str, Any]:
    """What has to be the same where a run goes on, or its numbers would mean something else."""
    generators = [type(generator.bit_generator).__name__ for generator in _generators(run)]
    return {
        "optimizer": type(run.optimizer).__name__,
        "scheduler": run.scheduler and type(run.scheduler).__name__,
        "scheduler_every": run.scheduler and run.scheduler_every,
        "monitor": run.monitor,
        "mode": "min" if run.sign == 1 else "max",
        "metrics": sorted(run.metrics),
        "validation": run.validation is not None,
        "random generators": generators,
    }


def _drawn_from(generator: np.random.Generator, state: Any) -> Any:
    """The state that JSON brought, as this generator takes it."""
    own = generator.bit_generator.state
    restored = _restored(own, state)
    type(generator.bit_generator)().state = restored  # raises for what it does not take
    return restored


def _strict(places: Any, state: Any) -> tuple[Any, Any, bool, Any]:
    """What `check` wants to compare a whole state with the places for it."""
    return places[0], state, True, places[1]


def _generators(run: Run) -> list[np.random.Generator]:
    """Everything random in the run: the package's generator, and those of all that takes part.

    They are found in modules, and as attributes of loaders and of what these are made with.
    """
    roots = [run.model, *([run.loss] if isinstance(run.loss, Module) else [])]
    found = [generator_or_default(None)]
    found += [generator for root in roots for generator in root.generators()]
    owners: list[Any] = [run.loss]
    for loader in (run.loader, run.validation):
        owners.append(getattr(loader, "collate_fn", None))
        known: set[int] = set()
        while loader is not None and id(loader) not in known:  # a Subset has a dataset, too
            known.add(id(loader))
            owners.append(loader)
            loader = getattr(loader, "dataset", None)
    for owner in owners:
        held = getattr(owner, "__dict__", {}).values()  # not the examples in a list there
        found += [x for x in held if isinstance(x, np.random.Generator)]
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

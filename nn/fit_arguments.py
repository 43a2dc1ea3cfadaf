"""What `fit` checks about its arguments, and makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from numbers import Integral, Number, Real
from typing import Any

import numpy as np

from . import metrics as known_metrics
from .data import DataLoader, Dataset
from .functional.checks import plain
from .module import Module
from .optim import Optimizer
from .optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1", "r2")


def check_numbers(
    positive: dict[str, float | None], others: dict[str, float], bounds: dict[str, float | None]
) -> None:
    """Refuse numbers that are not positive (None is let pass), and others below 0.

    All but the bounds of gradients, positive as well, and a `min_delta` count something, so they
    are integers.
    """
    for name, bound in bounds.items():
        if not (bound is None or isinstance(bound, Real)):
            raise TypeError(f"fit: {name} {bound!r:.60}: give a number")
        if bound is not None and not bound > 0:
            raise ValueError(f"fit: {name} {bound}: give a positive number")
    for name, number in {**positive, **others}.items():
        if name != "min_delta" and not (number is None or isinstance(number, Integral)):
            raise TypeError(f"fit: {name} {number!r:.60}: give an integer")
    for name, number in positive.items():
        if number is not None and not number >= 1:
            raise ValueError(f"fit: {name} {number}: give a positive number")
    for name, number in others.items():
        if not number >= 0:
            raise ValueError(f"fit: {name} {number}: give a number that is not negative")


def listed_callbacks(callbacks: Any) -> list[Callable[[Any], Any]]:
    """The callbacks as a list, if they are functions."""
    if callable(callbacks):
        callbacks = [callbacks]
    listed: list[Any] = list(callbacks) if isinstance(callbacks, Iterable) else [None]
    if not all(map(callable, listed)):
        raise TypeError(f"fit: callbacks {callbacks!r:.60}: give a list of functions of a history")
    return listed


def loader(data: Any, batch_size: int | None, shuffle: bool) -> Any:
    """What gives the batches of an epoch: the data's own, or arrays divided into some."""
    if isinstance(data, Dataset):
        return DataLoader(data, max(len(data), 1) if batch_size is None else batch_size, shuffle)
    if isinstance(data, list) and any(isinstance(part, tuple) for part in data):
        raise TypeError(
            "fit: data that is a list of tuples: give (X, y), or a list of examples as "
            "nn.DataLoader(examples, batch_size)"
        )
    if isinstance(data, (tuple, list)):
        if len(data) < 2:
            raise ValueError("fit: data of one array: give (X, y), or a DataLoader")
        rows = len(data[0]) if batch_size is None else batch_size
        return DataLoader(tuple(data), max(rows, 1), shuffle=shuffle)
    if hasattr(data, "__iter__") and hasattr(data, "__len__") and not hasattr(data, "dtype"):
        return data
    raise TypeError(
        f"fit: data of type {type(data).__name__}: give a pair (X, y) of arrays, or a DataLoader"
    )


def check_loss(loss: Any) -> None:
    """Refuse what is no loss, such as the class of one."""
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(f"fit: the loss is {loss!r:.60}: give one, such as nn.MSELoss()")


def check_monitor(monitor: str, metrics: Iterable[str], validated: bool) -> None:
    """Refuse to monitor what no epoch will tell."""
    columns = ["loss", *metrics]
    columns += [f"val_{name}" for name in columns if validated]
    if monitor not in columns:
        raise ValueError(f"fit: there is no {monitor!r} to monitor: there are {', '.join(columns)}")


def check_optimizer(model: Any, optimizer: Any, scheduler: Any, scheduler_every: str) -> None:
    """Refuse what is no model, optimiser or schedule, or would train nothing without a word."""
    if scheduler_every not in ("epoch", "batch"):
        raise ValueError(f"fit: scheduler_every {scheduler_every!r}: give 'epoch' or 'batch'")
    if not isinstance(model, Module):
        raise TypeError(f"fit: the model is {model!r:.60}: give an nn.Module")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit: the optimiser is {optimizer!r:.60}: give one, such as "
            "nn.optim.Adam(model.parameters())"
        )
    own = {id(parameter) for parameter in model.parameters()}
    given = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    if own.isdisjoint(map(id, given)):
        raise ValueError(
            f"fit: none of the optimiser's parameters is one of the {type(model).__name__}: make "
            "it with model.parameters()"
        )
    if not (scheduler is None or isinstance(scheduler, LRScheduler)):
        raise TypeError(
            f"fit: the schedule is {scheduler!r:.60}: give one, such as "
            "nn.optim.lr_scheduler.StepLR(optimizer, 10)"
        )
    if scheduler is not None and scheduler.optimizer is not optimizer:
        raise ValueError("fit: the schedule is of another optimiser: make it with this one")
    if isinstance(scheduler, ReduceLROnPlateau) and scheduler_every == "batch":
        raise ValueError(
            "fit: ReduceLROnPlateau takes the number of an epoch: leave out scheduler_every='batch'"
        )


def check_plateau(scheduler: Any, monitor: str, sign: int) -> None:
    """Refuse a schedule that would take a number that gets better for one that gets worse."""
    mode = "min" if sign == 1 else "max"
    if isinstance(scheduler, ReduceLROnPlateau) and scheduler.mode != mode:
        raise ValueError(
            f"fit: ReduceLROnPlateau with mode={scheduler.mode!r}, and {monitor!r} is better the "
            f"{'smaller' if sign == 1 else 'larger'} it is: make it with mode={mode!r}"
        )


def parts(batch: Any) -> tuple[Any, ...]:
    """Inputs and target of a batch."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise TypeError(
            f"fit: a batch of type {type(batch).__name__}: give batches (inputs, targets)"
        )
    targets = leaves(batch[-1])
    if targets[0] is None or np.ndim(plain(targets[0])) == 0:
        raise TypeError(
            f"fit: a batch whose targets are {batch[-1]!r:.60}: give an array with one for each "
            "example"
        )
    return tuple(batch)


def leaves(x: Any) -> list[Any]:
    """The arrays in a tuple, list or dict, and in those within it; else `x` alone."""
    if isinstance(x, Mapping):
        return leaves(tuple(x.values()))
    return [leaf for part in x for leaf in leaves(part)] if _several(x) else [x]


def _several(x: Any) -> bool:
    """Whether it is a sequence of arrays, rather than of numbers."""
    return isinstance(x, (tuple, list)) and not all(isinstance(part, Number) for part in x)


def joined(batches: list[Any]) -> Any:
    """The outputs or targets of all batches one after the other, in the structure of one."""
    first = batches[0]
    if isinstance(first, Mapping):
        return {key: joined([batch[key] for batch in batches]) for key in first}
    if _several(first):
        return tuple(joined(list(parts)) for parts in zip(*batches, strict=True))
    return np.concatenate([plain(batch) for batch in batches])


def named_metrics(metrics: Any, loss: Any) -> dict[str, Callable[..., float]]:
    """Functions by name, of a dict of them, a list of functions and names, or one alone.

    Those of classes given by their names leave out the targets that the loss ignores.
    """
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    pairs = (
        list(metrics.items())
        if isinstance(metrics, Mapping)
        else [(getattr(x, "__name__", x), x) for x in metrics]
    )
    _check_columns([str(name) for name, _ in pairs])
    named = {}
    for name, metric in pairs:
        if isinstance(metric, str):
            if metric not in HIGHER_IS_BETTER:
                raise ValueError(
                    f"fit: no metric {metric!r}: there are {', '.join(HIGHER_IS_BETTER)}"
                )
            ignored = getattr(loss, "ignore_index", None)
            options = {} if metric == "r2" or ignored is None else {"ignore_index": ignored}
            metric = partial(getattr(known_metrics, metric), **options)
        if not callable(metric):
            raise TypeError(f"fit: the metric {name!r} is {metric!r:.60}: give a function")
        named[str(name)] = metric
    return named


def _check_columns(names: list[str]) -> None:
    """Refuse metrics that would take each other's place in the history, or that of the loss."""
    columns = ["loss", *names]
    taken = Counter(["lr", *columns, *[f"val_{name}" for name in columns]])
    for name in names:
        if taken[name] > 1:
            raise ValueError(
                f"fit: the metric {name!r} has the name of another column of the history: give "
                "metrics= a dict with other names"
            )


def sign_of(monitor: str, mode: str | None) -> int:
    """1 where a smaller number is better, -1 where a larger one is."""
    if mode is None:
        name = monitor.removeprefix("val_")
        if name not in ("loss", *HIGHER_IS_BETTER):
            raise ValueError(f"fit: is more of {monitor!r} better? give mode='min' or mode='max'")
        return 1 if name == "loss" else -1
    if mode not in ("min", "max"):
        raise ValueError(f"fit: mode {mode!r}: give 'min' or 'max'")
    return 1 if mode == "min" else -1

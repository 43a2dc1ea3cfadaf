"""The training loop: `fit`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

from .checkpoint import check_checkpoint, go_on, put_back, snapshots, write_checkpoint
from .fit_arguments import (
    check_loss,
    check_monitor,
    check_numbers,
    check_optimizer,
    check_plateau,
    joined,
    leaves,
    listed_callbacks,
    loader,
    named_metrics,
    parts,
    sign_of,
)
from .functional.checks import plain
from .history import History
from .init import default_generator
from .interruption import Interruption
from .modes import evaluating
from .module import Module
from .optim import LBFGS, Optimizer
from .optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from .utils import clip_grad_norm_, clip_grad_value_


class NonFiniteError(ArithmeticError):
    """A loss, a gradient or a weight was infinite or nan; the model has the last good weights.

    Attributes:
        batch: what the model and the loss were given.
        epoch: counted from 1.
        index: of the batch in its epoch, counted from 0.
        history: of the epochs before.

    >>> import numpy as np
    >>> import nn
    >>> model = nn.Linear(1, 1)
    >>> x, y = np.array([[1], [np.inf]], np.float32), np.ones((2, 1), np.float32)
    >>> try:
    ...     nn.fit(model, (x, y), nn.MSELoss(), nn.optim.SGD(model.parameters()), batch_size=1)
    ... except nn.NonFiniteError as error:
    ...     print(error.batch[0])
    [[inf]]
    """

    def __init__(
        self, message: str, batch: tuple[Any, ...], epoch: int, index: int, history: History
    ) -> None:
        super().__init__(message)
        self.batch = batch
        self.epoch = epoch
        self.index = index
        self.history = history

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.batch, self.epoch, self.index, self.history)


def fit(
    model: Module,
    data: Any,
    loss: Callable[..., Any],
    optimizer: Optimizer,
    epochs: int = 1,
    *,
    batch_size: int | None = 32,
    seed: int | np.random.Generator | None = None,
    validation: Any = None,
    metrics: Mapping[str, Callable[..., float]] | Sequence[Any] | Callable[..., float] = (),
    callbacks: Iterable[Callable[[History], Any]] = (),
    scheduler: LRScheduler | None = None,
    scheduler_every: str = "epoch",
    clip_norm: float | None = None,
    clip_value: float | None = None,
    monitor: str | None = None,
    mode: str | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    restore_best: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 1,
    resume: bool | str | os.PathLike[str] = False,
    progress: bool | None = None,
) -> History:
    """Train a model; the same seed gives the same weights, to the last bit.

    The model is in training mode while it trains; a part of it that is to stay in evaluation
    mode, as a layer of normalisation in a frozen trunk, overrides `train`.

    Ctrl-C ends the training after the batch it is in, and the history so far is returned; a
    second Ctrl-C ends it at once.

    Args:
        model: called with the inputs of a batch.
        data: (X, y), arrays with one row for each example; several inputs before the targets
            are given to the model one by one. Or a `Dataset` of such examples, or a `DataLoader`
            of such batches.
        loss: called with the model's output and the targets; a number. An epoch's is the mean of
            those of its batches, each counted as often as it has targets.
        optimizer: of the model's parameters.
        epochs: how often all of the data is gone through, with those of a run that is resumed.
        batch_size: rows in a batch: 1 for stochastic descent, None for all at once. For arrays
            and datasets, which are shuffled in each epoch; a DataLoader has its own.
        seed: of everything random in the run: the order of the data and dropout, where they
            have no generator of their own. None for the package's generator.
        validation: (X, y) or a DataLoader, gone through after each epoch in evaluation mode.
        metrics: functions of all outputs and targets of an epoch, by name, or the names of
            those in `nn.metrics`, such as ["accuracy"], which leave out targets that the loss
            ignores; or one alone.
        callbacks: called with the history after each epoch; one that returns True ends it. One
            function, or a list of them.
        scheduler: a schedule of the learning rate.
        scheduler_every: when it goes on, "epoch" or "batch".
        clip_norm: the largest norm of the gradients of all parameters together.
        clip_value: the largest entry of a gradient.
        monitor: the number that tells which epoch is best: "val_loss" where there is a
            validation, else "loss".
        mode: "min" or "max", for a monitor whose name does not tell.
        patience: end after so many epochs without a better one.
        min_delta: by how much a number has to be better to count.
        restore_best: leave the model with the weights of the best epoch.
        checkpoint: a file to which the whole state of the run is written, with the generators
            that modules, loaders and datasets have as attributes; "{epoch}" in its name becomes
            the number of the epoch, "{epoch:03d}" with three digits.
        checkpoint_every: after how many epochs; it is written at the end of a run, too.
        resume: a checkpoint to go on from, to the same weights as without the interruption;
            True for `checkpoint`, where that file is there, or of several the last epoch's.
        progress: whether to show a bar; by default where the output is a terminal.

    Returns:
        The `History`: "loss" and "lr", "val_loss" where there is a validation, and the metrics,
        with "val_" before their names for the validation.

    Raises:
        NonFiniteError: for a loss or gradient that is infinite or nan, with the batch, and for
            weights that are at the end of an epoch; the model then has the last good weights.
            TypeError, ValueError: for arguments that do not fit; OSError: for a checkpoint
            that cannot be written.

    >>> import numpy as np
    >>> import nn
    >>> x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    >>> model = nn.Linear(1, 1, generator=np.random.default_rng(0))
    >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    >>> history = nn.fit(model, (x, 3 * x), nn.MSELoss(), optimizer, epochs=20, seed=0)
    >>> history["loss"][-1] < 0.1 * history["loss"][0]
    True
    """
    if resume is True and checkpoint is None:
        raise ValueError("fit: resume=True: give checkpoint=, the file to go on from")
    check_numbers(
        {"checkpoint_every": checkpoint_every, "patience": patience, "batch_size": batch_size},
        {"epochs": epochs, "min_delta": min_delta},
        {"clip_norm": clip_norm, "clip_value": clip_value},
    )
    called = listed_callbacks(callbacks)
    check_loss(loss)
    check_optimizer(model, optimizer, scheduler, scheduler_every)
    monitor = monitor or ("loss" if validation is None else "val_loss")
    named = named_metrics(metrics, loss)
    check_monitor(monitor, named, validation is not None)
    sign = sign_of(monitor, mode)
    check_plateau(scheduler, monitor, sign)
    run = Run(
        model, loader(data, batch_size, shuffle=True), loss, optimizer,
        validation=None if validation is None else loader(validation, batch_size, shuffle=False),
        metrics=named, scheduler=scheduler, scheduler_every=scheduler_every,
        clip_norm=clip_norm, clip_value=clip_value, monitor=monitor,
        sign=sign, min_delta=min_delta, keep_best=restore_best,
    )  # fmt: skip
    if checkpoint is not None:
        check_checkpoint(run, checkpoint)
    seeded = nullcontext() if seed is None else default_generator(np.random.default_rng(seed))
    with seeded, Interruption() as interruption:
        if resume:
            go_on(run, checkpoint if resume is True else resume, needed=resume is not True)
        try:
            run.train(epochs, patience, called, checkpoint, checkpoint_every,
                      interruption, progress)  # fmt: skip
        except KeyboardInterrupt:
            if interruption.insisted:
                raise
            run.history.stopped = "interrupted"
    if restore_best and run.best_state is not None:
        put_back(run, run.best_state)
    return run.history


@dataclass
class Run:
    """A training run: what takes part in it, and how far it is."""

    model: Module
    loader: Any
    loss: Callable[..., Any]
    optimizer: Optimizer
    validation: Any
    metrics: dict[str, Callable[..., float]]
    scheduler: LRScheduler | None
    scheduler_every: str
    clip_norm: float | None
    clip_value: float | None
    monitor: str
    sign: int
    min_delta: float
    keep_best: bool
    history: History = field(default_factory=History)
    best: float = math.inf
    waited: int = 0
    best_state: dict[str, np.ndarray] | None = None
    start: dict[str, np.ndarray] = field(default_factory=dict)
    last_good: tuple[int, dict[str, np.ndarray]] | None = None
    previous: tuple[Any, ...] | None = None

    def train(
        self,
        epochs: int,
        patience: int | None,
        callbacks: list[Callable[[History], Any]],
        checkpoint: Any,
        checkpoint_every: int,
        interruption: Interruption,
        progress: bool | None,
    ) -> None:
        """Go through the epochs that are left, until something ends it."""
        history = self.history
        left = epochs - history.epochs
        if patience is not None and self.waited >= patience:
            history.stopped = "early stopping"
            return
        if left <= 0:
            history.stopped = "epochs"
            return
        with _bar(left * len(self.loader), progress) as bar:
            for number in range(left):
                bar.set_description(f"epoch {history.epochs + 1}/{epochs}")
                if not self.epoch(bar, interruption):
                    history.stopped = "interrupted"
                    return
                bar.set_postfix({k: f"{x:.4g}" for k, x in history.last.items()}, refresh=False)
                done = history.epochs
                answers = [callback(history) for callback in callbacks]
                if any(isinstance(x, (bool, np.bool_)) and x for x in answers):
                    history.stopped = "callback"
                elif patience is not None and self.waited >= patience:
                    history.stopped = "early stopping"
                elif number == left - 1:
                    history.stopped = "epochs"
                # Behind the callbacks: what they change belongs to the epoch.
                if checkpoint is not None and (history.stopped or done % checkpoint_every == 0):
                    write_checkpoint(self, checkpoint)
                if history.stopped:
                    return

    def epoch(self, bar: Any, interruption: Interruption) -> bool:
        """One epoch; False where it was interrupted."""
        self.start = snapshots(self)
        for module in self.modules():
            module.train()
        seen = _Epoch(keep=bool(self.metrics))
        for index, batch in enumerate(self.loader):
            if interruption.asked:
                return False
            seen.add(*self.step(parts(batch), index), batch[-1])
            if index == 0:  # their loss was finite
                self.last_good = self.history.epochs + 1, self.start
            bar.update()
        if seen.rows == 0:
            raise ValueError("fit: the data has no batch: give more rows, or drop_last=False")
        if not _finite([p.data for p in self.optimizer.params if p.requires_grad]):
            raise self.failure("weights", parts(batch), index)
        numbers = {"loss": seen.loss / seen.rows, **seen.measured(self.metrics)}
        if self.validation is not None:
            numbers |= {f"val_{k}": x for k, x in self.evaluate(self.validation).items()}
        self.history.add({**numbers, "lr": self.optimizer.lr})
        self.judge(numbers)
        if self.scheduler is not None and self.scheduler_every == "epoch":
            if isinstance(self.scheduler, ReduceLROnPlateau):
                self.scheduler.step(numbers[self.monitor])
            else:
                self.scheduler.step()
        return True

    def modules(self) -> list[Module]:
        """The model, and the loss if it is a module."""
        return [self.model, *([self.loss] if isinstance(self.loss, Module) else [])]

    def judge(self, numbers: dict[str, float]) -> None:
        """Note whether this epoch is the best so far."""
        number = self.sign * numbers[self.monitor]
        if number < self.best - self.min_delta:
            self.best, self.waited = number, 0
            self.history.best_epoch = self.history.epochs
            if self.keep_best:
                self.best_state = snapshots(self)
        else:
            self.waited += 1

    def step(self, batch: tuple[Any, ...], index: int) -> tuple[float, Any]:
        """Train on one batch: the loss, and the output of the model."""
        *inputs, target = batch
        found: list[Any] = []

        def closure() -> Any:
            self.optimizer.zero_grad()
            output = self.model(*inputs)
            value = self.loss(output, target)
            if not hasattr(value, "backward"):
                raise TypeError(
                    f"fit: the loss returned {type(value).__name__}, which has no gradient: "
                    "compute it from the model's output with operations on Tensors, without "
                    "float(...), .data or .numpy()"
                )
            number = _number(value)
            first = not found  # a line search may try weights whose loss is infinite
            if first and not math.isfinite(number):
                raise self.failure("loss", batch, index)
            value.backward()
            if first:
                found[:] = number, output
                if not _finite([p.grad for p in self.optimizer.params]):
                    raise self.failure("gradient", batch, index)
            self.clip()
            return value

        if isinstance(self.optimizer, LBFGS):
            self.optimizer.step(closure)
        else:
            closure()
            self.optimizer.step()
        if self.scheduler is not None and self.scheduler_every == "batch":
            self.scheduler.step()
        self.previous = batch
        return found[0], found[1]

    def clip(self) -> None:
        """Bound the gradients."""
        if self.clip_value is not None:
            clip_grad_value_(self.optimizer.params, self.clip_value)
        if self.clip_norm is not None:
            clip_grad_norm_(self.optimizer.params, self.clip_norm)

    def failure(self, what: str, batch: tuple[Any, ...], index: int) -> Exception:
        """The error for what of a batch is not finite; first, the last good weights."""
        epoch = self.history.epochs + 1
        kept = "of this moment"
        if what == "weights" or (what == "loss" and not self.weights_are_good()):
            good, state = self.last_good or (epoch, self.start)
            put_back(self, state)
            kept = f"of the start of epoch {good}"
        self.optimizer.zero_grad()
        inputs = _finite([plain(x) for x in leaves(batch)])
        remedy = "lower the learning rate, or clip the gradients" if inputs else "clean the data"
        of = "after" if what == "weights" else "of"
        reason = "" if inputs else ", as there is inf or nan in the batch"
        return NonFiniteError(
            f"fit: {what} {of} batch {index} of epoch {epoch}: infinite or nan{reason}; the model "
            f"has the weights {kept}: {remedy}",
            batch, epoch, index, self.history,
        )  # fmt: skip

    def weights_are_good(self) -> bool:
        """Whether the loss of the batch before is finite, so that the weights are not to blame."""
        if self.previous is None or not _finite(snapshots(self).values()):
            return False
        *inputs, target = self.previous
        with no_grad(), np.errstate(all="ignore"), evaluating(*self.modules()):
            return math.isfinite(_number(self.loss(self.model(*inputs), target)))

    def evaluate(self, loader: Any) -> dict[str, float]:
        """The loss and the metrics over a loader, in evaluation mode."""
        seen = _Epoch(keep=bool(self.metrics))
        with no_grad(), evaluating(*self.modules()):
            for batch in loader:
                *inputs, target = parts(batch)
                output = self.model(*inputs)
                seen.add(_number(self.loss(output, target)), output, target)
        if seen.rows == 0:
            raise ValueError("fit: the validation has no batch: give more rows")
        return {"loss": seen.loss / seen.rows, **seen.measured(self.metrics)}


class _Epoch:
    """The sum of the losses of an epoch and, for metrics, its outputs and targets."""

    def __init__(self, keep: bool) -> None:
        self.keep = keep
        self.rows = 0
        self.loss = 0.0
        self.outputs: list[Any] = []
        self.targets: list[Any] = []

    def add(self, loss: float, output: Any, target: Any) -> None:
        rows = len(leaves(target)[0])
        self.rows += rows
        self.loss += loss * rows
        if self.keep:
            self.outputs.append(output)
            self.targets.append(target)

    def measured(self, metrics: dict[str, Callable[..., float]]) -> dict[str, float]:
        if not metrics:
            return {}
        output, target = joined(self.outputs), joined(self.targets)
        return {name: _measured(metric, output, target) for name, metric in metrics.items()}


# --- pieces -----------------------------------------------------------------------------


def _number(value: Any) -> float:
    if np.size(plain(value)) != 1:
        raise ValueError(
            f"fit: a loss of shape {np.shape(plain(value))}: give one with reduction='mean'"
        )
    return float(plain(value).item())


def _measured(metric: Callable[..., float], output: Any, target: Any) -> float:
    """The metric; nan where it refuses outputs that are not finite, which end no training."""
    try:
        return float(metric(output, target))
    except ValueError:
        if _finite(leaves(output)):
            raise
        return math.nan


def _finite(arrays: Iterable[Any]) -> bool:
    """Whether all entries are finite; by a product first, which is quicker than to look."""
    with np.errstate(all="ignore"):
        for array in arrays:
            if array is None:
                continue
            flat = np.ravel(array.data if isinstance(array, Tensor) else array, order="K")
            quick = flat.dtype.kind != "f" or math.isfinite(flat @ flat)
            if not (quick or np.isfinite(flat).all()):
                return False
    return True


def _bar(total: int, progress: bool | None) -> Any:
    from tqdm import tqdm  # where it is used: importing nn stays quick

    return tqdm(total=total, unit="batch", disable=None if progress is None else not progress)

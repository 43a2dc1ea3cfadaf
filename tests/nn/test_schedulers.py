"""Schedules: their formulas, PyTorch's rates, states."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from nn.optim import SGD, Adam
from nn.optim import lr_scheduler as schedules

from ..autograd.helpers import refuses

# A function of the module, ours or PyTorch's, and of the optimiser.
CASES: dict[str, Callable[[Any, Any], Any]] = {
    "step": lambda m, o: m.StepLR(o, 7, 0.5),
    "multi-step": lambda m, o: m.MultiStepLR(o, [30, 3, 31], 0.3),
    "exponential": lambda m, o: m.ExponentialLR(o, 0.97),
    "cosine": lambda m, o: m.CosineAnnealingLR(o, 15, 1e-3),
    "linear": lambda m, o: m.LinearLR(o, 0.1, 0.8, total_iters=20),
    "constant": lambda m, o: m.ConstantLR(o, 0.25, 12),
    "polynomial": lambda m, o: m.PolynomialLR(o, 40, 2.5),
    "warm restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 7, eta_min=1e-3),
    "longer restarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, 2),
    "lambda": lambda m, o: m.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "warm-up, then cosine": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=10), m.CosineAnnealingLR(o, 40)], [10]
    ),
    "one cycle": lambda m, o: m.OneCycleLR(o, 0.5, 50),
    "one cycle in three": lambda m, o: m.OneCycleLR(
        o, [0.5, 0.25], epochs=5, steps_per_epoch=10, three_phase=True, anneal_strategy="linear",
        pct_start=0.4, div_factor=10, final_div_factor=100, base_momentum=0.7, max_momentum=0.9,
    ),
}  # fmt: skip
every = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


def groups(optim: Any, parameter: Callable[[], Any], kind: str) -> Any:
    given = [{"params": [parameter()]}, {"params": [parameter()], "lr": 0.25}]
    settings = {"momentum": 0.5} if kind == "SGD" else {}
    return getattr(optim, kind)(given, lr=0.5, **settings)


def rates(optimizer: Any) -> list[float]:
    return [float(group["lr"]) for group in optimizer.param_groups]


@every
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_pytorchs_rates(make: Any, kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    ours = groups(nn.optim, lambda: nn.Parameter([1.0]), kind)
    theirs = groups(torch.optim, lambda: torch.ones(1, requires_grad=True), kind)
    scheduler = make(schedules, ours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's: steps of the schedule without the optimiser's
        other = make(torch.optim.lr_scheduler, theirs)
        for _ in range(51):
            np.testing.assert_allclose(rates(ours), rates(theirs), rtol=1e-12, atol=1e-16)
            assert scheduler.get_last_lr() == rates(ours)
            for a, b in zip(ours.param_groups, theirs.param_groups, strict=True):
                name = "momentum" if kind == "SGD" else "betas"
                np.testing.assert_allclose(a[name], b[name], rtol=1e-12)
            if scheduler.last_epoch < 50:
                scheduler.step()
                other.step()


RECORDED = {
    "step": [0.5, 0.5, 0.25, 0.03125],
    "multi-step": [0.5, 0.15, 0.15, 0.0135],
    "exponential": [0.5, 0.5 * 0.97**3, 0.5 * 0.97**10, 0.5 * 0.97**31],
    "cosine": [
        0.001 + 0.499 * (1 + math.cos(math.pi * k / 15)) / 2 for k in (0, 3, 10, 31)
    ],
    "linear": [0.05, 0.05 + 0.35 * 3 / 20, 0.225, 0.4],
    "lambda": [0.5, 0.125, 0.5 / 11, 0.5 / 32],
    "warm-up, then cosine": [
        0.05, 0.05 + 0.45 * 0.3, 0.5, 0.25 * (1 + math.cos(math.pi * 21 / 40))
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_rates_by_hand(name: str) -> None:
    """After 0, 3, 10 and 31 steps."""
    optimizer = SGD([nn.Parameter([1.0])], lr=0.5)
    scheduler = CASES[name](schedules, optimizer)
    found = []
    for _ in range(32):
        found.append(optimizer.lr)
        scheduler.step()
    assert [found[k] for k in (0, 3, 10, 31)] == pytest.approx(RECORDED[name], rel=1e-12)


def test_one_cycle_by_hand() -> None:
    optimizer = Adam([nn.Parameter([1.0])])
    scheduler = schedules.OneCycleLR(optimizer, 1.0, 11, pct_start=6 / 11)
    found = [(optimizer.lr, optimizer.param_groups[0]["betas"][0])]
    for _ in range(10):
        scheduler.step()
        found.append((optimizer.lr, optimizer.param_groups[0]["betas"][0]))
    assert found[0] == pytest.approx((0.04, 0.95))
    assert found[5] == pytest.approx((1.0, 0.85))
    assert found[10] == pytest.approx((0.04 / 1e4, 0.95))
    scheduler.step()  # after the last batch
    with refuses(ValueError, "OneCycleLR", "step 12", "11"):
        scheduler.step()


@every
def test_a_state_taken_over(make: Any) -> None:
    optimizer, twin = (groups(nn.optim, lambda: nn.Parameter([1.0]), "SGD") for _ in range(2))
    scheduler = make(schedules, optimizer)
    for _ in range(12):
        scheduler.step()
    other = make(schedules, twin)
    other.load_state_dict(scheduler.state_dict())
    for _ in range(12):
        assert rates(twin) == rates(optimizer)
        assert twin.param_groups[0]["momentum"] == optimizer.param_groups[0]["momentum"]
        scheduler.step()
        other.step()


RESUMED = {
    "step": lambda m, o, n: m.StepLR(o, 7, 0.5, n),
    "multi-step": lambda m, o, n: m.MultiStepLR(o, [30, 3, 31], 0.3, n),
    "exponential": lambda m, o, n: m.ExponentialLR(o, 0.97, n),
    "cosine": lambda m, o, n: m.CosineAnnealingLR(o, 15, 1e-3, n),
    "linear": lambda m, o, n: m.LinearLR(o, 0.1, 0.8, 20, n),
    "constant": lambda m, o, n: m.ConstantLR(o, 0.25, 10, n),
    "polynomial": lambda m, o, n: m.PolynomialLR(o, 40, 2.5, n),
    "lambda": lambda m, o, n: m.LambdaLR(o, [lambda e: 0.5**e, lambda e: 1 / (1 + e)], n),
    "one cycle": lambda m, o, n: m.OneCycleLR(o, [0.5, 0.25], 50, last_epoch=n),
}  # fmt: skip


@pytest.mark.parametrize("make", RESUMED.values(), ids=RESUMED)
@pytest.mark.parametrize("steps", [1, 2, 5, 12])
def test_last_epoch_goes_on_as_in_pytorch(make: Any, steps: int) -> None:
    """A new schedule for an optimiser that some steps brought to its state.

    At a milestone itself PyTorch's would come down twice.
    """
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    found = []
    for optim, parameter in (
        (nn.optim, lambda: nn.Parameter([1.0])),
        (torch.optim, lambda: torch.ones(1, requires_grad=True)),
    ):
        first, second = groups(optim, parameter, "SGD"), groups(optim, parameter, "SGD")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as above
            scheduler = make(optim.lr_scheduler, first, -1)
            for _ in range(steps):
                scheduler.step()
            second.load_state_dict(first.state_dict())
            resumed = make(optim.lr_scheduler, second, steps - 1)
            assert resumed.last_epoch == steps
            each = [rates(second)]
            for _ in range(3):
                resumed.step()
                each.append(rates(second))
        found.append(each)
    np.testing.assert_allclose(*found, rtol=1e-12)


@pytest.mark.parametrize("make", RESUMED.values(), ids=RESUMED)
@pytest.mark.parametrize("steps", [3, 7, 20])
def test_last_epoch_goes_on_as_if_there_had_been_no_end(make: Any, steps: int) -> None:
    first, second = (groups(nn.optim, lambda: nn.Parameter([1.0]), "SGD") for _ in range(2))
    scheduler = make(schedules, first, -1)
    for _ in range(steps):
        scheduler.step()
    second.load_state_dict(first.state_dict())
    resumed = make(schedules, second, steps - 1)
    for _ in range(12):
        assert rates(second) == rates(first)
        scheduler.step()
        resumed.step()


def _disturbed(
    optim: Any, parameter: Callable[[], Any], makes: list[Any], comes: int
) -> list[list[float]]:
    """Rates under several schedules; one is changed by hand, and a group comes in after a while."""
    optimizer = groups(optim, parameter, "SGD")
    schedulers = [make(optim.lr_scheduler, optimizer) for make in makes]
    found = [rates(optimizer)]
    for step in range(24):
        if step == 4:
            optimizer.param_groups[0]["lr"] = 0.125
        if step == comes:
            optimizer.add_param_group({"params": [parameter()], "lr": 0.75})
        for scheduler in schedulers:
            scheduler.step()
        found.append([*rates(optimizer), 0.0][:3])
    return [[*row, 0.0][:3] for row in found]


CHAINED = ["step", "multi-step", "exponential", "cosine", "linear", "constant", "polynomial"]


@pytest.mark.parametrize("second", [None, *CHAINED])
@pytest.mark.parametrize("first", [name for name in CASES if "one cycle" not in name])
def test_schedules_chain_as_pytorchs(first: str, second: str | None) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    makes = [CASES[name] for name in (first, second) if name is not None]
    growing = {None, *CHAINED} - {"cosine"}  # with more groups PyTorch's others fail
    comes = 9 if {first, second} <= growing else 99
    ours = _disturbed(nn.optim, lambda: nn.Parameter([1.0]), makes, comes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        theirs = _disturbed(torch.optim, lambda: torch.ones(1, requires_grad=True), makes, comes)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_group_that_comes_in_under_a_cosine() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    scheduler = schedules.CosineAnnealingLR(optimizer, 4)
    scheduler.step()
    optimizer.add_param_group({"params": [nn.Parameter([1.0])], "lr": 0.5})
    for _ in range(2):
        scheduler.step()
    first, second = rates(optimizer)
    assert math.isclose(first, (1 + math.cos(0.75 * math.pi)) / 2)
    assert math.isclose(second, 0.5 * first / ((1 + math.cos(0.25 * math.pi)) / 2))


def test_two_schedules_multiply() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    both = schedules.ExponentialLR(optimizer, 0.5), schedules.LinearLR(optimizer, 0.1, 1.0, 3)
    for _ in range(3):
        for scheduler in both:
            scheduler.step()
    assert math.isclose(optimizer.lr, 0.125)


@every
def test_a_state_brings_back_rates_changed_by_hand(make: Any) -> None:
    optimizers = [groups(nn.optim, lambda: nn.Parameter([1.0]), "SGD") for _ in range(2)]
    first, second = (make(schedules, optimizer) for optimizer in optimizers)
    for _ in range(3):
        first.step()
    optimizers[0].lr = 0.3
    second.load_state_dict(first.state_dict())
    for _ in range(5):
        assert rates(optimizers[1]) == rates(optimizers[0])
        first.step()
        second.step()


# --- plateau -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("seed", range(3))
def test_plateau(mode: str, threshold_mode: str, seed: int) -> None:
    """PyTorch's, for positive numbers: of negative ones it takes the relative margin for less."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    settings: dict[str, Any] = {
        "mode": mode, "threshold_mode": threshold_mode, "patience": 2, "cooldown": 1,
        "threshold": 0.05, "factor": 0.5, "min_lr": 1e-3,
    }  # fmt: skip
    ours = SGD([nn.Parameter([1.0])], lr=0.5)
    theirs = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    scheduler = schedules.ReduceLROnPlateau(ours, **settings)
    other = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **settings)
    for number in np.random.default_rng(seed).uniform(0.5, 2, 80):
        scheduler.step(number)
        other.step(number)
        assert ours.lr == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-12)
    assert ours.lr < 0.01


def test_plateau_by_hand() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=2)
    found = []
    for loss in [3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, math.nan]:
        scheduler.step(loss)
        found.append(optimizer.lr)
    # Twice no better: halved; two epochs of rest; twice no better: halved.
    assert found == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]
    twin = schedules.ReduceLROnPlateau(SGD([nn.Parameter([1.0])], lr=1.0))
    twin.load_state_dict(scheduler.state_dict())
    assert (twin.best, twin.cooling) == (2.0, 1)


def test_a_negative_number_has_to_get_lower_to_be_better() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    scheduler = schedules.ReduceLROnPlateau(optimizer, patience=0, threshold=0.1, factor=0.5)
    for number in (-10.0, -10.5):
        scheduler.step(number)
    assert optimizer.lr == 0.5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda o: schedules.StepLR(o, 0), ["StepLR", "0"]),
        (lambda o: schedules.CosineAnnealingLR(o, 0), ["T_max"]),
        (lambda o: schedules.LinearLR(o, 0.0), ["LinearLR", "0.0"]),
        (lambda o: schedules.ConstantLR(o, 1.5), ["ConstantLR", "1.5"]),
        (lambda o: schedules.PolynomialLR(o, 0), ["PolynomialLR", "0"]),
        (lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 0), ["T_mult=0"]),
        (lambda o: schedules.OneCycleLR(o, 0.1), ["total_steps"]),
        (lambda o: schedules.LambdaLR(o, [abs, abs]), ["LambdaLR: 2 for 1 groups"]),
        (lambda o: schedules.StepLR(o, 2, last_epoch=3), ["last_epoch=3", "load the optimiser's"]),
        (lambda o: schedules.OneCycleLR(o, [0.1, 0.2], 10), ["OneCycleLR: 2 for 1 groups"]),
        (lambda o: schedules.OneCycleLR(o, 0.1, 10, anneal_strategy="step"), ["'step'"]),
        (lambda o: schedules.ReduceLROnPlateau(o, factor=1.0), ["factor"]),
        (lambda o: schedules.ReduceLROnPlateau(o, mode="low"), ["'low'"]),
        (lambda o: schedules.SequentialLR(o, [schedules.StepLR(o, 1)], [3]), ["milestones"]),
    ],
)
def test_refusals(make: Any, words: list[str]) -> None:
    with refuses(ValueError, *words):
        make(SGD([nn.Parameter([1.0])], lr=0.1))


def test_a_sequence_has_no_numbers_for_a_plateau() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=0.1)
    parts = [schedules.StepLR(optimizer, 1), schedules.ReduceLROnPlateau(optimizer)]
    with refuses(ValueError, "SequentialLR: ReduceLROnPlateau", "by itself"):
        schedules.SequentialLR(optimizer, parts, [3])


@pytest.mark.parametrize("kind", ["Adagrad", "Adadelta"])
def test_a_cycle_of_momenta_needs_some(kind: str) -> None:
    optimizer = getattr(nn.optim, kind)([nn.Parameter([1.0])])
    with refuses(ValueError, f"OneCycleLR: {kind}", "cycle_momentum=False"):
        schedules.OneCycleLR(optimizer, 0.1, 10)
    assert "initial_lr" not in optimizer.param_groups[0]
    schedules.OneCycleLR(optimizer, 0.1, 10, cycle_momentum=False)
    assert optimizer.lr == pytest.approx(0.004)


def test_plateaus_of_groups() -> None:
    optimizer = groups(nn.optim, lambda: nn.Parameter([1.0]), "SGD")
    scheduler = schedules.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.2, 0.1])
    for _ in range(3):
        scheduler.step(metrics=1.0)
    assert rates(optimizer) == [0.2, 0.1]


def test_what_is_no_optimiser() -> None:
    with refuses(TypeError, "StepLR", "Linear", "nn.optim"):
        schedules.StepLR(nn.Linear(1, 1), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ({}, ValueError, ("base_lrs, last_epoch, lrs missing",)),
        (3, TypeError, ("3", "state_dict()")),
    ],
)
def test_a_state_that_is_none(state: Any, kind: type[Exception], words: tuple[str, ...]) -> None:
    scheduler = nn.optim.lr_scheduler.StepLR(nn.optim.SGD([nn.Parameter([1.0])], lr=0.1), 3)
    with refuses(kind, "StepLR", *words):
        scheduler.load_state_dict(state)


def test_the_state_of_a_sequence_has_its_parts() -> None:
    def made(lr: float) -> tuple[Any, Any]:
        optimizer = SGD([nn.Parameter([1.0])], lr=lr)
        return optimizer, CASES["warm-up, then cosine"](schedules, optimizer)

    (first, scheduler), (second, other) = made(1.0), made(0.1)
    scheduler.step()
    second.load_state_dict(first.state_dict())
    other.load_state_dict(scheduler.state_dict())
    for _ in range(20):
        assert rates(second) == rates(first)
        scheduler.step()
        other.step()


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    long, short = (schedules.OneCycleLR(optimizer, 0.1, steps) for steps in (60, 5))
    for _ in range(10):
        long.step()
    before = short.state_dict()
    with refuses(ValueError, "step 10 of a cycle of 5"):
        short.load_state_dict(long.state_dict())
    assert short.state_dict() == before


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("parts", [], "states of 2 schedules"),
        ("parts", [{}, {}], "missing"),
        ("parts", 3, "parts 3"),
        ("lrs", ["x"], "lrs='x'"),
        ("lrs", [0.1, 0.2], "lrs of 2 groups for 1"),
        ("base_lrs", [0.1, 0.2], "base_lrs of 2 groups for 1"),
        ("base_lrs", None, "base_lrs None"),
        ("last_epoch", "7", "last_epoch '7'"),
        ("last_epoch", 2.7, "last_epoch 2.7"),
    ],
)
def test_a_broken_state_changes_nothing(key: str, value: Any, words: str) -> None:
    def made(steps: int) -> Any:
        scheduler = CASES["warm-up, then cosine"](schedules, SGD([nn.Parameter([1.0])], lr=1.0))
        for _ in range(steps):
            scheduler.step()
        return scheduler

    scheduler, before = made(2), made(2).state_dict()
    with refuses((TypeError, ValueError), words):
        scheduler.load_state_dict({**made(9).state_dict(), key: value})
    assert scheduler.state_dict() == before


def test_a_sequence_whose_second_part_refuses_keeps_its_first() -> None:
    def made(steps: int) -> Any:
        optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
        parts = [schedules.StepLR(optimizer, 3), schedules.OneCycleLR(optimizer, 0.1, steps)]
        return schedules.SequentialLR(optimizer, parts, [2])

    long, short = made(60), made(5)
    for _ in range(20):
        long.step()
    before = short.state_dict()
    with refuses(ValueError, "of a cycle of 5"):
        short.load_state_dict(long.state_dict())
    assert short.state_dict() == before


def test_a_state_refused_or_asked_for_takes_no_group_in() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    scheduler = schedules.StepLR(optimizer, 3)
    optimizer.add_param_group({"params": [nn.Parameter([1.0])], "lr": 0.5})
    assert scheduler.state_dict()["base_lrs"] == [1.0, 0.5]
    with refuses(ValueError, "missing"):
        scheduler.load_state_dict({})
    assert "initial_lr" not in optimizer.param_groups[1]


@pytest.mark.parametrize(
    "broken", [{"best": "x"}, {"bad_epochs": -1}, {"cooling": 0.5}, {"best": None}]
)
def test_a_broken_state_of_a_plateau_changes_nothing(broken: dict[str, Any]) -> None:
    scheduler = schedules.ReduceLROnPlateau(SGD([nn.Parameter([1.0])], lr=1.0))
    scheduler.step(3.0)
    before = scheduler.state_dict()
    with refuses((TypeError, ValueError), "ReduceLROnPlateau", next(iter(broken))):
        scheduler.load_state_dict({**before, "last_epoch": 7, **broken})
    assert scheduler.state_dict() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda x: schedules.LambdaLR(x, lambda epoch: 1.0),
        lambda x: schedules.OneCycleLR(x, 0.1, 10),
        lambda x: schedules.ReduceLROnPlateau(x),
    ],
)
def test_what_is_no_optimiser_of_those_with_numbers_for_each_group(make: Any) -> None:
    with refuses(TypeError, "Linear", "no optimiser", "nn.optim"):
        make(nn.Linear(1, 1))


def test_a_phase_of_a_cycle_may_have_no_length() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0, momentum=0.9)
    scheduler = schedules.OneCycleLR(optimizer, 0.5, total_steps=10, pct_start=0.1)
    assert optimizer.lr == 0.5  # the first step is the highest
    scheduler.step()
    assert 0.4 < optimizer.lr < 0.5
    for name in ("div_factor", "final_div_factor"):
        with refuses(ValueError, "OneCycleLR", name):
            schedules.OneCycleLR(optimizer, 0.5, total_steps=10, **{name: 0.0})


def test_milestones_of_a_sequence_are_in_order() -> None:
    optimizer = SGD([nn.Parameter([1.0])], lr=1.0)
    with refuses(ValueError, "SequentialLR", "[5, 2]"):
        schedules.SequentialLR(optimizer, [schedules.StepLR(optimizer, 3) for _ in "abc"], [5, 2])

"""Settings of optimisers and schedules: Python's numbers, in range, and refused by name."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import nn
from nn.optim import LBFGS, SGD, Adam
from nn.optim import lr_scheduler as schedules

from ..autograd.helpers import refuses
from .optimisers import contents, started, train
from .trajectories import SETTINGS

# --- NumPy's numbers ---------------------------------------------------------------------


def as_numpy(setting: Any, kind: Any) -> Any:
    if isinstance(setting, tuple):
        return tuple(kind(x) for x in setting)
    return kind(setting) if isinstance(setting, float) else setting


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", SETTINGS)
def test_numpys_numbers_compute_as_what_comes_back_from_a_file(name: str, kind: Any) -> None:
    """In float32, whose updates NumPy's numbers would make float64, or round on the way."""
    cls, settings = SETTINGS[name]
    settings = {key: as_numpy(x, kind) for key, x in settings.items()}
    params, twins = started(np.float32), started(np.float32)
    optimizer, twin = (getattr(nn.optim, cls)(p, **settings) for p in (params, twins))
    twin.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
    for one, some in ((optimizer, params), (twin, twins)):
        train(one, some, 5, np.float32)
    np.testing.assert_array_equal(contents(params), contents(twins))


def test_every_way_to_set_one() -> None:
    optimizer = SGD([{"params": started(), "momentum": np.float32(0.5)}], lr=np.float64(0.1))
    group = optimizer.param_groups[0]
    assert type(group["lr"]) is float
    assert group["momentum"] == 0.5
    assert type(group["momentum"]) is float
    assert type(optimizer.defaults["lr"]) is float
    group["lr"] = np.float32(0.25)
    assert type(optimizer.lr) is float
    group.update(lr=np.float32(0.5))
    assert type(optimizer.lr) is float
    optimizer.lr = np.float64(0.75)
    assert type(optimizer.lr) is float
    schedules.LambdaLR(optimizer, np.float64).step()
    assert type(optimizer.lr) is float
    schedules.OneCycleLR(optimizer, np.float32(1.0), np.int64(10), base_momentum=np.float32(0.5))
    json.dumps(optimizer.state_dict())


# --- out of range ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("SGD", {"lr": math.inf}, ["SGD: lr inf"]),
        ("SGD", {"lr": np.float32(-1.0)}, ["SGD: lr -1.0"]),
        ("SGD", {"dampening": math.nan}, ["SGD: dampening nan"]),
        ("SGD", {"nesterov": "yes", "momentum": 0.9}, ["SGD: nesterov 'yes'", "True or False"]),
        ("AdamW", {"betas": (1.0, 0.5)}, ["AdamW: betas[0] 1.0"]),
        ("Adam", {"amsgrad": "x"}, ["Adam: amsgrad 'x'"]),
        ("RMSprop", {"alpha": -1.0}, ["RMSprop: alpha -1.0"]),
        ("Adadelta", {"rho": 1.5}, ["Adadelta: rho 1.5"]),
        ("Adagrad", {"lr_decay": math.inf}, ["Adagrad: lr_decay inf"]),
        ("LBFGS", {"max_iter": 2.5}, ["LBFGS: max_iter=2.5", "integer"]),
        ("LBFGS", {"max_iter": 2.5, "max_eval": 3}, ["LBFGS: max_iter=2.5"]),
        ("LBFGS", {"history_size": 0}, ["LBFGS: history_size=0"]),
        ("LBFGS", {"history_size": -1}, ["LBFGS: history_size=-1"]),
        ("LBFGS", {"tolerance_grad": math.nan}, ["LBFGS: tolerance_grad nan"]),
    ],
)
def test_out_of_range(kind: str, settings: dict[str, Any], words: list[str]) -> None:
    with refuses((TypeError, ValueError), *words):
        getattr(nn.optim, kind)(started(), **settings)


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("Adam", {"betas": ("a", 1)}, ["Adam: betas[0]='a' is no number"]),
        ("Adadelta", {"rho": "a"}, ["Adadelta: rho='a' is no number"]),
        ("SGD", {"lr": "a"}, ["SGD: lr='a' is no number"]),
        ("LBFGS", {"lr": None}, ["LBFGS: lr=None is no number"]),
    ],
)
def test_no_numbers(kind: str, settings: dict[str, Any], words: list[str]) -> None:
    with refuses(TypeError, *words):
        getattr(nn.optim, kind)(started(), **settings)


def test_a_rate_assigned_is_checked() -> None:
    optimizer = Adam([{"params": [p]} for p in started()], lr=0.5)
    with refuses(ValueError, "Adam: lr nan"):
        optimizer.lr = math.nan
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("kind", "settings", "word"),
    [
        ("StepLR", {"step_size": 2.5}, "step_size=2.5"),
        ("StepLR", {"step_size": 0}, "step_size=0"),
        ("StepLR", {"step_size": 1, "gamma": math.nan}, "gamma nan"),
        ("MultiStepLR", {"milestones": [1], "gamma": -1.0}, "gamma -1.0"),
        ("ExponentialLR", {"gamma": -0.5}, "gamma -0.5"),
        ("PolynomialLR", {"total_iters": 1.5}, "total_iters=1.5"),
        ("CosineAnnealingLR", {"T_max": 0}, "T_max 0"),
        ("CosineAnnealingWarmRestarts", {"T_0": 1.5}, "T_0=1.5"),
        ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 0}, "T_mult=0"),
        ("OneCycleLR", {"max_lr": 1.0, "total_steps": 2.5}, "total_steps=2.5"),
    ],
)
def test_schedules_out_of_range(kind: str, settings: dict[str, Any], word: str) -> None:
    with refuses((TypeError, ValueError), f"{kind}: {word}"):
        getattr(schedules, kind)(SGD(started()), **settings)


def test_lbfgs_counts_its_evaluations() -> None:
    assert LBFGS(started(), max_iter=np.int64(8)).param_groups[0]["max_eval"] == 10


def test_whole_floats_count() -> None:
    """As divisions give them."""
    optimizer = SGD(started())
    assert schedules.StepLR(optimizer, 6 / 2).step_size == 3  # type: ignore[arg-type]
    assert schedules.CosineAnnealingLR(optimizer, 7.5).T_max == 7.5  # type: ignore[arg-type]
    assert LBFGS(started(), max_iter=5.0).param_groups[0]["max_iter"] == 5  # type: ignore[arg-type]

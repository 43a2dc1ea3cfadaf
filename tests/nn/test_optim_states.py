"""States of optimisers that are refused: another optimiser's, broken ones; PyTorch's are not."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from nn.optim import LBFGS, SGD, Adam, RMSprop

from ..autograd.helpers import refuses
from .optimisers import contents, started, train

KINDS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Lion"]


def trained(kind: str, **settings: Any) -> Any:
    params = started()
    optimizer = getattr(nn.optim, kind)(params, **settings)
    train(optimizer, params, 3)
    return optimizer


def closure_of(params: list[nn.Parameter]) -> Callable[[], Any]:
    def closure() -> Any:
        for p in params:
            p.grad = None
        loss = sum(((p - 1) ** 4).sum() for p in params)
        loss.backward()
        return loss

    return closure


@pytest.mark.parametrize("theirs", [*KINDS, "LBFGS"])
@pytest.mark.parametrize("ours", [*KINDS, "LBFGS"])
def test_another_optimisers(ours: str, theirs: str) -> None:
    """A state is taken over whole, or refused: Adam's moments do not begin with zeros at step 3."""
    if theirs == "LBFGS":
        other = LBFGS(started())
        other.step(closure_of(other.params))
    else:
        other = trained(theirs, **({"momentum": 0.9} if theirs == "SGD" else {}))
    optimizer = getattr(nn.optim, ours)(started())
    if ours == theirs or {ours, theirs} == {"Adam", "AdamW"}:
        optimizer.load_state_dict(other.state_dict())
        return
    before = optimizer.state_dict()
    with refuses(ValueError, f"{ours}.load_state_dict"):
        optimizer.load_state_dict(other.state_dict())
    assert optimizer.state_dict() == before


def test_a_plain_sgds_state_is_not_adams() -> None:
    with refuses(ValueError, "Adam.load_state_dict", "without amsgrad, betas, eps"):
        Adam(started()).load_state_dict(trained("SGD").state_dict())


def broken(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    state = copy.deepcopy(trained("Adam").state_dict())
    change(state)
    return state


@pytest.mark.parametrize("step", [-1, 2.5, math.nan, math.inf, 2**70, "x", True, [1, 2], 1j])
def test_what_is_no_number_of_steps(step: Any) -> None:
    state = broken(lambda s: s["state"][1].update(step=step))
    with refuses(ValueError, "Adam.load_state_dict: step of parameter 1", "how many steps"):
        Adam(started()).load_state_dict(state)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s["param_groups"][0].pop("params"), ["give what state_dict() returned"]),
        (lambda s: s["param_groups"][0].update(params=2), ["give what state_dict() returned"]),
        (lambda s: s["param_groups"][0].update(params=[0, 0]), ["[0, 0]"]),
        (lambda s: s["param_groups"][0].update(params=[[0], 1]), ["[[0], 1]"]),
        (lambda s: s.update(state=[]), ["give what state_dict() returned"]),
        (lambda s: s["state"].update({1: 5}), ["give what state_dict() returned"]),
        (lambda s: s["state"].update({7: s["state"][0]}), ["[7]", "[0, 1]"]),
        (lambda s: s["param_groups"][0].update(amsgrad="x"), ["amsgrad 'x'"]),
        (lambda s: s["param_groups"][0].update(lr="x"), ["lr='x' is no number"]),
        (lambda s: s["param_groups"][0].update(initial_lr="x"), ["initial_lr='x'"]),
        (lambda s: s["param_groups"][0].update(betas=[0.5]), ["betas [0.5]"]),
        (lambda s: s["param_groups"][0].pop("eps"), ["without eps"]),
        (lambda s: s["state"][1].pop("step"), ["parameter 1 without step"]),
        (lambda s: s["state"][1].pop("exp_avg_sq"), ["parameter 1 without exp_avg_sq"]),
    ],
)
def test_a_broken_state_changes_nothing(
    change: Callable[[dict[str, Any]], Any], words: list[str]
) -> None:
    optimizer = trained("Adam")
    before = optimizer.state_dict()
    with refuses(ValueError, "Adam.load_state_dict", *words):
        optimizer.load_state_dict(broken(change))
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for number, entries in before["state"].items():
        for name, entry in entries.items():
            np.testing.assert_array_equal(after["state"][number][name], entry)


@pytest.mark.parametrize(
    ("kind", "switched_on"),
    [("SGD", {"momentum": 0.9}), ("RMSprop", {"momentum": 0.9, "centered": True}),
     ("Adam", {"amsgrad": True})],
)  # fmt: skip
def test_what_was_switched_on_since_may_be_missing(kind: str, switched_on: dict[str, Any]) -> None:
    optimizer = trained(kind)
    optimizer.param_groups[0].update(switched_on)
    twin = getattr(nn.optim, kind)([nn.Parameter(p.data) for p in optimizer.params])
    twin.load_state_dict(optimizer.state_dict())
    for one in (optimizer, twin):
        train(one, one.params, 2)
    np.testing.assert_array_equal(contents(twin.params), contents(optimizer.params))


@pytest.mark.parametrize(
    ("kind", "setting", "on", "off"),
    [("SGD", "momentum", 0.9, 0.0), ("RMSprop", "momentum", 0.9, 0.0),
     ("RMSprop", "centered", True, False), ("Adam", "amsgrad", True, False)],
)  # fmt: skip
def test_what_was_switched_off_since_may_be_there(
    kind: str, setting: str, on: Any, off: Any
) -> None:
    optimizer = trained(kind, **{setting: on})
    optimizer.param_groups[0][setting] = off
    twin = getattr(nn.optim, kind)([nn.Parameter(p.data) for p in optimizer.params])
    twin.load_state_dict(optimizer.state_dict())
    for value in (off, on):
        for one in (optimizer, twin):
            one.param_groups[0][setting] = value
            train(one, one.params, 2)
    np.testing.assert_array_equal(contents(twin.params), contents(optimizer.params))


@pytest.mark.parametrize("kind", ["Adam", "RMSprop", "Adagrad", "SGD"])
def test_pytorchs_states_from_before_there_was_maximize(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    theirs = [torch.tensor(p.numpy(), requires_grad=True) for p in started()]
    other = getattr(torch.optim, kind)(theirs)
    for p in theirs:
        p.grad = torch.ones_like(p)
    other.step()
    state = other.state_dict()
    for name in ("maximize", "foreach", "capturable", "differentiable", "fused"):
        state["param_groups"][0].pop(name, None)
    optimizer = getattr(nn.optim, kind)(started())
    optimizer.load_state_dict(state)
    assert len(optimizer.state_dict()["state"]) == (0 if kind == "SGD" else 2)


# --- L-BFGS ------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_pytorchs_lbfgs(steps: int) -> None:
    """Whose state may also be that of a step that had nothing to do."""
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    theirs = torch.ones(3, dtype=torch.float64, requires_grad=True)
    other = torch.optim.LBFGS([theirs], max_iter=2)

    def closure() -> Any:
        other.zero_grad()
        loss = ((theirs - (1 if steps == 0 else 2)) ** 4).sum()
        loss.backward()
        return loss

    for _ in range(max(steps, 1)):
        other.step(closure)
    ours = nn.Parameter(theirs.detach().numpy().copy())
    optimizer = LBFGS([ours])
    optimizer.load_state_dict(other.state_dict())

    def our_closure() -> Any:
        optimizer.zero_grad()
        loss = ((ours - 2) ** 4).sum()
        loss.backward()
        return loss

    if steps:
        other.step(closure)
        optimizer.step(our_closure)
        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-12)
    else:
        assert optimizer.state_dict()["state"] == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_iter": -1}, ["n_iter -1"]),
        ({"t": "x"}, ["t 'x'", "no number"]),
        ({"prev_loss": np.ones(2)}, ["prev_loss"]),
        ({"d": np.ones(8, complex)}, ["complex128"]),
        ({"old_dirs": []}, ["8 parameters"]),
    ],
)
def test_a_broken_state_of_lbfgs(changes: dict[str, Any], words: list[str]) -> None:
    optimizer = LBFGS(started(), max_iter=5)
    optimizer.step(closure_of(optimizer.params))
    state = optimizer.state_dict()
    state["state"][0].update(changes)
    with refuses(ValueError, "LBFGS.load_state_dict", *words):
        optimizer.load_state_dict(state)
    state["state"] = {0: {"n_iter": 3}}
    with refuses(ValueError, "LBFGS.load_state_dict", "without d, old_dirs"):
        optimizer.load_state_dict(state)


def test_a_state_without_entries_begins_anew() -> None:
    optimizer = RMSprop(started())
    optimizer.load_state_dict(RMSprop(started(), lr=0.5).state_dict())
    assert optimizer.state_dict()["state"] == {}
    assert optimizer.lr == 0.5
    assert SGD(started()).state_dict()["state"] == {}

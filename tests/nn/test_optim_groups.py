"""Groups of parameters, the state of optimisers, closures, clipping."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, no_grad, tanh
from nn.optim import LBFGS, SGD, Adam, RMSprop
from nn.utils import clip_grad_norm_, clip_grad_value_

from ..autograd.helpers import refuses
from ..autograd.numeric import spread
from .optimisers import contents, every, made, started, train
from .trajectories import RECORDED, SETTINGS, X, Y, loss

# --- groups ------------------------------------------------------------------------------


@every
def test_a_group_goes_as_it_would_alone(name: str) -> None:
    kind = getattr(nn.optim, SETTINGS[name][0])
    settings = SETTINGS[name][1]
    together, alone = started(), started()
    optimizer = kind([{"params": together[:1]}, {"params": together[1:], "lr": 0.003}], **settings)
    others = [kind(alone[:1], **settings), kind(alone[1:], **{**settings, "lr": 0.003})]
    for step in range(5):
        for i, (p, q) in enumerate(zip(together, alone, strict=True)):
            p.grad = q.grad = spread(p.shape, 10 * step + i)
        optimizer.step()
        for other in others:
            other.step()
    np.testing.assert_allclose(contents(together), contents(alone), rtol=1e-14)


def test_settings_of_a_group_may_change_on_the_way() -> None:
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = SGD([{"params": p}, {"params": [q], "lr": 0.25}], lr=0.5)
    for _ in range(2):
        p.grad = q.grad = np.array([1.0])
        optimizer.step()
        optimizer.param_groups[1]["lr"] = 0.125
    assert (p.item(), q.item()) == (0.0, 0.625)
    optimizer.lr = 0.0625
    assert [group["lr"] for group in optimizer.param_groups] == [0.0625, 0.0625]
    assert repr(optimizer) == "SGD(2 parameters in 2 groups, lr=0.0625, 0.0625)"


def test_a_group_added_on_the_way() -> None:
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = Adam([p], lr=0.1)
    p.grad = np.array([1.0])
    optimizer.step()
    optimizer.add_param_group({"params": [q]})
    p.grad = q.grad = np.array([1.0])
    optimizer.step()
    assert q.item() == pytest.approx(0.9)
    assert p.item() == pytest.approx(0.8)
    assert optimizer.params == [p, q]


def test_groups_that_are_refused() -> None:
    p = nn.Parameter([1.0])
    for group, kind, words in [
        ({"lr": 0.1}, TypeError, ["'params'"]),
        ({"params": []}, ValueError, ["no parameters"]),
        ({"params": [p], "learning_rate": 0.1}, ValueError, ["learning_rate", "momentum"]),
        ({"params": [p], "lr": -1.0}, ValueError, ["lr -1.0"]),
    ]:
        with refuses(kind, *words):
            SGD([group])
    with refuses(ValueError, "twice"):
        SGD([{"params": [p]}, {"params": [p]}])
    with refuses(TypeError, "model.parameters()"):
        SGD({"params": [p]})


# --- state -------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_state_taken_over_goes_on_to_the_same_bits(name: str, order: str) -> None:
    params = [nn.Parameter(np.array(p.data, order=order)) for p in started()]  # type: ignore[call-overload]
    optimizer = made(name, params)
    train(optimizer, params, 4)
    twins = [nn.Parameter(p.data.copy(order="K")) for p in params]
    twin = getattr(nn.optim, SETTINGS[name][0])(twins)
    twin.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert twin.lr == optimizer.lr
    train(optimizer, params, 4)
    train(twin, twins, 4)
    np.testing.assert_array_equal(contents(twins), contents(params))


def test_the_names_and_numbers_are_pytorchs() -> None:
    p, q = nn.Parameter([1.0, 2.0]), nn.Parameter([3.0])
    optimizer = Adam([p, q], lr=0.1, betas=(0.5, 0.75))
    p.grad = np.array([2.0, 4.0])
    optimizer.step()
    state = optimizer.state_dict()
    assert state["state"].keys() == {0}
    assert state["state"][0]["step"] == 1
    assert state["state"][0]["exp_avg"].tolist() == [1.0, 2.0]
    assert state["state"][0]["exp_avg_sq"].tolist() == [1.0, 4.0]
    assert state["param_groups"][0]["params"] == [0, 1]
    assert state["param_groups"][0]["betas"] == (0.5, 0.75)
    state["state"][0]["exp_avg"][:] = 7  # a copy
    assert optimizer.state_dict()["state"][0]["exp_avg"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_pytorchs_state(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    settings = {"momentum": 0.9} if kind in ("SGD", "RMSprop") else {}
    ours = [nn.Parameter(spread(s, 1)) for s in [(2, 3), (4,)]]
    theirs = [torch.tensor(p.numpy(), requires_grad=True) for p in ours]
    optimizer = getattr(nn.optim, kind)(ours, lr=0.01, **settings)
    other = getattr(torch.optim, kind)(theirs, lr=0.03, **settings)
    for step in range(6):
        if step == 3:
            optimizer.load_state_dict(other.state_dict())
            for p, q in zip(ours, theirs, strict=True):
                p.data = q.detach().numpy()
        for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
            p.grad = spread(p.shape, 10 * step + i)
            q.grad = torch.tensor(p.grad)
        optimizer.step()
        other.step()
    assert optimizer.lr == 0.03
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12)


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    params = started()
    optimizer = Adam(params, lr=0.1)
    train(optimizer, params, 2)
    good = optimizer.state_dict()
    wrong: list[Any] = [
        (None, ["state_dict()"]),
        ({**good, "param_groups": good["param_groups"] * 2}, ["[2, 2]", "[2]"]),
        ({**good, "state": {0: {**good["state"][0], "exp_avg": np.ones(5)}}}, ["exp_avg", "(5,)"]),
        (
            {**good, "state": {0: {**good["state"][0], "other": np.ones((2, 3))}}},
            ["other", "exp_avg"],
        ),
        (
            {**good, "param_groups": [{**good["param_groups"][0], "lr": -1.0, "eps": 1.0}]},
            ["lr -1.0"],
        ),
    ]
    for state, words in wrong:
        with refuses(ValueError, *words):
            optimizer.load_state_dict(state)
    after = optimizer.state_dict()
    assert after["param_groups"] == good["param_groups"]
    for i in good["state"]:
        np.testing.assert_array_equal(after["state"][i]["exp_avg"], good["state"][i]["exp_avg"])
    with refuses(ValueError, "RMSprop.load_state_dict", "alpha, centered, momentum"):
        RMSprop(params).load_state_dict(good)


def test_the_state_of_values() -> None:
    values = [Value(1.0), Value(2.0)]
    optimizer = Adam(values, lr=0.1)
    (values[0] * 3 + values[1]).backward()
    optimizer.step()
    twins = [Value(v.data) for v in values]
    twin = Adam(twins)
    twin.load_state_dict(optimizer.state_dict())
    for some, one in ((values, optimizer), (twins, twin)):
        one.zero_grad()
        (some[0] * some[1]).backward()
        one.step()
    assert [v.data for v in twins] == [v.data for v in values]


def test_lbfgs_takes_over_a_state() -> None:
    def closure(p: nn.Parameter, optimizer: Any) -> Any:
        def call() -> Tensor:
            optimizer.zero_grad()
            loss = (((p - [1.0, 2.0, 3.0]) ** 2) * [1.0, 5.0, 20.0]).sum()
            loss.backward()
            return loss

        return call

    p = nn.Parameter([0.0, 0.0, 0.0])
    optimizer = LBFGS([p], max_iter=2, tolerance_change=0.0)
    optimizer.step(closure(p, optimizer))
    q = nn.Parameter(p.data)
    twin = LBFGS([q])
    twin.load_state_dict(optimizer.state_dict())
    for _ in range(12):
        optimizer.step(closure(p, optimizer))
        twin.step(closure(q, twin))
        assert p.tolist() == q.tolist()
    # It ends where no slope, at least twice the distance, is larger than 1e-7.
    np.testing.assert_allclose(p.data, [1, 2, 3], rtol=0, atol=5e-8)
    with refuses(ValueError, "LBFGS", "3 parameters"):
        state = optimizer.state_dict()
        state["state"][0]["d"] = np.ones(4)
        twin.load_state_dict(state)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_at_the_end_of_a_schedule(search: str | None) -> None:
    """A rate of 0 goes nowhere."""
    params = started()
    optimizer = LBFGS(params, lr=0.0, line_search_fn=search)

    def closure() -> Any:
        optimizer.zero_grad()
        value = loss(tanh, X, Y, *params)
        value.backward()
        return value

    for _ in range(2):
        optimizer.step(closure)
    np.testing.assert_array_equal(contents(params), contents(started()))
    optimizer.lr = 0.1
    assert float(optimizer.step(closure).data) > float(closure().data)


def test_lbfgs_refusals() -> None:
    p = nn.Parameter([1.0])
    with refuses(TypeError, "LBFGS", "closure"):
        LBFGS([p]).step()
    with refuses(ValueError, "LBFGS", "one group"):
        LBFGS([{"params": [p]}, {"params": [nn.Parameter([1.0])]}])
    with refuses(ValueError, "'armijo'", "strong_wolfe"):
        LBFGS([p], line_search_fn="armijo")


def test_a_closure() -> None:
    params = started()
    optimizer = made("adam", params)

    def closure() -> float:
        optimizer.zero_grad()
        value = loss(tanh, X, Y, *params)
        value.backward()
        return float(value.data)

    with no_grad():  # the closure records all the same
        first = optimizer.step(closure)
    np.testing.assert_allclose(contents(params), RECORDED["adam"][1], rtol=1e-9)
    assert first > optimizer.step(closure)


# --- clipping ----------------------------------------------------------------------------


@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_by_norm(norm_type: float, max_norm: float) -> None:
    params = started()
    grads = [spread(p.shape, i) for i, p in enumerate(params)]
    for p, g in zip(params, grads, strict=True):
        p.grad = g
    held = [p.grad for p in params]
    whole = np.linalg.norm(np.concatenate([g.ravel() for g in grads]), norm_type)
    assert clip_grad_norm_(params, max_norm, norm_type) == pytest.approx(whole, rel=1e-14)
    factor = min(1.0, max_norm / (whole + 1e-6))
    for p, g, h in zip(params, grads, held, strict=True):
        np.testing.assert_allclose(p.grad, factor * g, rtol=1e-14)
        np.testing.assert_array_equal(h, g)  # what was handed out stays


@pytest.mark.parametrize(
    ("gradient", "max_norm", "norm_type", "clipped"),
    [
        ([3.0, 4.0], 1.0, 2.0, [0.599999880000024, 0.799999840000032]),
        ([1e-6, 0.0], 1e-6, 2.0, [5e-07, 0.0]),
        ([0.6, 0.8], 1.0, 2.0, [0.5999994000006, 0.7999992000008]),
        ([0.3, -0.4], 0.5000005, 2.0, [0.29999970000059994, -0.3999996000008]),
        ([0.3, -0.4], 0.500002, 2.0, [0.3, -0.4]),
        ([3.0, -4.0], 1.0, 1.0, [0.42857136734694745, -0.57142848979593]),
        ([3.0, -4.0], 1.0, math.inf, [0.7499998125000469, -0.9999997500000625]),
        ([0.0, 0.0], 0.0, 2.0, [0.0, 0.0]),
    ],
)
def test_clipping_to_pytorchs_numbers(
    gradient: list[float], max_norm: float, norm_type: float, clipped: list[float]
) -> None:
    """Recorded; 1e-6 is added to the norm, so that one a little below the largest is scaled."""
    p = nn.Parameter([0.0, 0.0])
    p.grad = np.array(gradient)
    clip_grad_norm_([p], max_norm, norm_type)
    np.testing.assert_allclose(p.grad, clipped, rtol=1e-14)


def test_clipping_by_value_and_of_values() -> None:
    p, v, none = nn.Parameter([1.0, 2.0]), Value(3.0), nn.Parameter([1.0])
    (p * [3.0, -0.25]).sum().backward()
    (4 * v).backward()
    clip_grad_value_([p, v, none], 0.5)
    assert p.grad.tolist() == [0.5, -0.25]
    assert v.grad == 0.5
    assert type(v.grad) is float
    assert none.grad is None
    clip_grad_norm_([v], 0.25)
    assert v.grad == pytest.approx(0.25, rel=1e-5)


def test_clipping_keeps_float32() -> None:
    p = nn.Parameter(np.ones(2, np.float32))
    p.grad = np.full(2, 10, np.float32)
    clip_grad_norm_(p, 1.0)
    assert p.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("dtype", "entry", "norm"),
    [("float16", 300, 600.0), ("float32", 3e20, 6e20), ("float32", 3e-30, 6e-30)],
)
def test_the_norm_of_what_has_no_squares(dtype: str, entry: float, norm: float) -> None:
    """Squares that float16 or float32 cannot hold."""
    p = nn.Parameter(np.ones(4, dtype))
    p.grad = np.full(4, entry, dtype)
    np.testing.assert_allclose(clip_grad_norm_([p], 10.0), norm, rtol=1e-6)
    assert p.grad.dtype == dtype
    np.testing.assert_allclose(p.grad, min(5.0, entry), rtol=2e-3)


def test_clipping_refusals() -> None:
    p = nn.Parameter([1.0])
    p.grad = np.array([np.inf])
    with refuses(ArithmeticError, "inf"):
        clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
    for bad in (-1.0, math.nan):
        with refuses(ValueError, "max_norm"):
            clip_grad_norm_([p], bad)
        with refuses(ValueError, "clip_value"):
            clip_grad_value_([p], bad)
    assert clip_grad_norm_([nn.Parameter([1.0])], 1.0) == 0.0


# --- parameters as one vector ------------------------------------------------------------


def test_a_vector_of_all_parameters_and_back() -> None:
    model: Any = nn.Sequential(nn.Linear(3, 2, dtype=float), nn.Linear(2, 1, dtype=float))
    vector = nn.utils.parameters_to_vector(model.parameters())
    expected = np.concatenate([p.numpy().ravel() for p in model.parameters()])
    np.testing.assert_array_equal(vector.data, expected)
    (vector**2).sum().backward()
    np.testing.assert_array_equal(model[0].weight.grad, 2 * model[0].weight.data)
    for given in (np.arange(11.0), Tensor(np.arange(11.0))):
        nn.utils.vector_to_parameters(given, model.parameters())
        assert model[0].weight.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
        assert model[1].bias.tolist() == [10.0]
    for wrong in (np.zeros(10), np.zeros((1, 11)), np.zeros(12)):
        with refuses(ValueError, "vector_to_parameters", str(wrong.shape), "(11,)"):
            nn.utils.vector_to_parameters(wrong, model.parameters())
    assert model[1].bias.tolist() == [10.0]
    nn.utils.vector_to_parameters([], [])

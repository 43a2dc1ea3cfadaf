"""The optimisers: PyTorch's trajectories, layouts and sizes, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn.optim import SGD, Adam

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread
from ..autograd.strategies import Array
from .optimisers import contents, every, made, started, train
from .trajectories import LBFGS_SETTINGS, RECORDED, SETTINGS, START, X, Y, loss, penalised

STEPS = 100


# --- PyTorch's numbers -------------------------------------------------------------------


@every
def test_recorded_trajectories(name: str) -> None:
    """float64 to the 10 digits recorded; a step of 100 amplifies a rounding at most 1,000 fold."""
    if name not in RECORDED:
        pytest.skip("PyTorch has no such optimiser")
    params = started()
    optimizer = made(name, params)
    done = 0
    for step, expected in RECORDED[name].items():
        train(optimizer, params, step - done)
        done = step
        np.testing.assert_allclose(contents(params), expected, rtol=1e-9)


@every
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
def test_pytorch_itself(name: str, dtype: str, tolerance: float) -> None:
    """In float32 a difference in the last bit, 6e-8, grows up to 1,000 fold in 100 steps."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    params = started(dtype)
    optimizer = made(name, params)
    others = [torch.tensor(x.astype(dtype), requires_grad=True) for x in START]
    x, y = torch.tensor(X.astype(dtype)), torch.tensor(Y.astype(dtype))
    kind, settings = SETTINGS[name]
    if not hasattr(torch.optim, kind):
        pytest.skip("PyTorch has no such optimiser")
    theirs = getattr(torch.optim, kind)(others, **settings)
    for _ in range(STEPS):
        train(optimizer, params, dtype=dtype)
        theirs.zero_grad()
        loss(torch.tanh, x, y, *others).backward()
        theirs.step()
        for p, o in zip(params, others, strict=True):
            assert p.dtype == dtype
            np.testing.assert_allclose(p.data, o.detach().numpy(), tolerance, tolerance)


@pytest.mark.parametrize("name", LBFGS_SETTINGS)
def test_lbfgs(name: str) -> None:
    """PyTorch's numbers; 1e-6, as an iteration that ends the search depends on small numbers."""
    params = started()
    optimizer = nn.optim.LBFGS(params, **LBFGS_SETTINGS[name])

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = penalised(autograd.tanh, X, Y, *params)
        value.backward()
        return value

    for step in range(1, STEPS + 1):
        optimizer.step(closure)
        if step in RECORDED[name]:
            np.testing.assert_allclose(contents(params), RECORDED[name][step], rtol=1e-6)


def _minimised(loss: Any, w: nn.Parameter, **settings: Any) -> nn.optim.LBFGS:
    """L-BFGS after one step."""
    optimizer = nn.optim.LBFGS([w], **settings)

    def closure() -> Tensor:
        optimizer.zero_grad()
        value: Tensor = loss(w)
        value.backward()
        return value

    optimizer.step(closure)
    return optimizer


RUNS = {
    1: [0.203728899985, 1.02080999056, 2.83181778833, 3.92459277594],
    2: [0.191388367371, 0.96709210978, 2.76615100542, 3.9571113441],
    100: [0.185892799284, 0.940898328625, 2.71363653019, 3.98282535999],
}


@pytest.mark.parametrize("history_size", RUNS)
def test_lbfgs_takes_the_curvature_from_the_last_steps(history_size: int) -> None:
    """Six iterations of PyTorch, to the 12 digits recorded, on a parabola of four axes."""
    w, scales = nn.Parameter(np.zeros(4)), np.array([1.0, 3.0, 10.0, 30.0])
    optimizer = _minimised(
        lambda w: ((w - [1.0, 2.0, 3.0, 4.0]) ** 2 * scales).sum() / 2,
        w, lr=0.5, max_iter=6, history_size=history_size,
    )  # fmt: skip
    np.testing.assert_allclose(w.data, RUNS[history_size], rtol=1e-11)
    assert len(optimizer.state_dict()["state"][0]["old_stps"]) == min(history_size, 5)


@pytest.mark.parametrize(("curvature", "end"), [(9e-11, -4.0), (1.1e-10, -1 / 1.1e-10)])
def test_lbfgs_leaves_out_a_step_along_which_there_is_hardly_a_curvature(
    curvature: float, end: float
) -> None:
    """The gradient is 1 + curvature * w, so the first step is -1 and curvature its y @ s.

    At 1e-10 or less steps go on along the gradient; above, the second ends where the slope is 0:
    to 1e-5, as the curvature is a difference of numbers near 1, rounded to 1e-16.
    """
    w = nn.Parameter([0.0])
    _minimised(lambda w: (w + curvature / 2 * w**2).sum(), w, max_iter=4)
    assert w.item() == pytest.approx(end, rel=1e-5)


def test_lion_by_its_paper() -> None:
    """Algorithm 2 of Chen et al., 2023, line by line, on one number."""
    settings = {"lr": 0.1, "betas": (0.7, 0.8), "weight_decay": 0.3}
    p = nn.Parameter([2.0])
    optimizer = nn.optim.Lion([p], **settings)
    theta, m = 2.0, 0.0
    for g in [0.5, -3.0, 0.25, 0.0, 1.0, -0.125]:
        c = 0.7 * m + (1 - 0.7) * g
        theta = theta - 0.1 * (np.sign(c) + 0.3 * theta)
        m = 0.8 * m + (1 - 0.8) * g
        p.grad = np.array([g])
        optimizer.step()
        assert p.data[0] == pytest.approx(theta, rel=1e-14)


@pytest.mark.parametrize(("gradient", "ends"), [(-0.2, 0.0), (-0.15, -2.0)])
def test_the_sign_of_lions_step_is_that_of_the_mean(gradient: float, ends: float) -> None:
    """After a gradient of 1 the mean is 0.5, and 0.25 * 0.5 + 0.75 * gradient -0.025 or 0.0125."""
    p = nn.Parameter([0.0])
    optimizer = nn.optim.Lion([p], lr=1.0, betas=(0.25, 0.5))
    for g in (1.0, gradient):
        p.grad = np.array([g])
        optimizer.step()
    assert p.tolist() == [ends]


@every
def test_values_go_the_same_way_as_tensors(name: str) -> None:
    factors = [3.0, -1.0, 0.5]
    values = [Value(x) for x in (1.0, 2.0, -1.5)]
    tensor = nn.Parameter([v.data for v in values])
    optimizers = made(name, values), made(name, [tensor])
    for _ in range(20):
        for optimizer in optimizers:
            optimizer.zero_grad()
        sum((f * v + 1) ** 2 for f, v in zip(factors, values, strict=True)).backward()  # type: ignore[union-attr]
        ((np.array(factors) * tensor + 1) ** 2).sum().backward()
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_allclose([v.data for v in values], tensor.data, rtol=1e-12)
    assert all(type(v.data) is float for v in values)


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Lion"])
def test_maximize_goes_against_the_gradient(kind: str) -> None:
    """And still shrinks by the weight decay, as in PyTorch."""
    up, down = started(), started()
    optimizers = [
        getattr(nn.optim, kind)(p, lr=0.1, weight_decay=0.3, maximize=m)
        for p, m in ((up, True), (down, False))
    ]
    for step in range(4):
        for i, (p, q) in enumerate(zip(up, down, strict=True)):
            p.grad = spread(p.shape, 10 * step + i)
            q.grad = -p.grad
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_array_equal(contents(up), contents(down))
    assert not np.array_equal(contents(up), contents(started()))


# --- layouts and sizes -------------------------------------------------------------------

LAYOUTS: dict[str, Array] = {
    "rows first": spread((3, 4), 1),
    "columns first": np.asfortranarray(spread((3, 4), 1)),
    "axes permuted": spread((2, 3, 4), 1).transpose(1, 0, 2),
    "axes reversed": spread((2, 3, 4), 1).T,
    "backwards": spread((3, 4), 1)[::-1, ::-1],
    "number": np.array(2.0),
    "empty": np.zeros((0, 3)),
    "one column": spread((5, 1), 1),
    "large": spread((300, 1000), 1),
    "large, columns first": np.asfortranarray(spread((300, 1000), 1)),
}


@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_every_entry_gets_its_own_gradient(array: Array) -> None:
    """Whatever the memory order, beside other parameters, and when the step works in blocks."""
    p, before, after = nn.Parameter(array), nn.Parameter([1.0]), nn.Parameter([[2.0, 3.0]])
    optimizer = SGD([before, p, after], lr=0.5)
    expected = array.copy()
    for seed in range(3):
        for x in (before, p, after):
            x.grad = np.ones(x.shape)
        g = spread(array.shape, seed)
        p.grad = g
        expected -= 0.5 * g
        optimizer.step()
        np.testing.assert_allclose(p.data, expected, rtol=1e-15)
    assert p.shape == array.shape
    assert before.tolist() == [-0.5]
    assert after.tolist() == [[0.5, 1.5]]


@every
def test_a_large_parameter_goes_the_way_of_a_small_one(name: str) -> None:
    """300,000 equal entries: state and entries of all blocks stay in step."""
    small, large = nn.Parameter([1.0]), nn.Parameter(np.ones((300, 1000)))
    optimizers = made(name, [small]), made(name, [nn.Parameter([1.0]), large])
    for step in range(4):
        for p in (small, large):
            p.grad = np.full(p.shape, 0.5 - step)
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_allclose(large.data, small.data[0], rtol=1e-15)


def test_the_gradient_may_lie_in_any_memory_order() -> None:
    for order in "CF":
        p = nn.Linear(3, 2, dtype=float).weight
        start, g = p.numpy(), np.array(spread((2, 3), 4), order=order)  # type: ignore[call-overload]
        p.grad = g
        SGD([p], lr=1.0).step()
        np.testing.assert_allclose(p.data, start - g, rtol=1e-15)


def test_mixed_dtypes() -> None:
    double, single = nn.Parameter([1.0, 2.0]), nn.Parameter(np.ones(3, np.float32))
    value, other = Value(1.0), nn.Parameter([[5.0]])
    optimizer = SGD([double, single, value, other], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        (double.sum() + (2 * single).sum() + other.sum()).backward()
        (3 * value).backward()
        optimizer.step()
    assert double.dtype == np.float64
    assert single.dtype == np.float32
    np.testing.assert_allclose(double.data, [0.8, 1.8], rtol=1e-15)
    np.testing.assert_allclose(single.data, [0.6] * 3, rtol=1e-6)
    assert value.data == pytest.approx(0.4)
    assert other.data[0, 0] == pytest.approx(4.8)


# --- zero_grad, repr, errors -------------------------------------------------------------


def test_zero_grad() -> None:
    p, v = nn.Parameter([1.0]), Value(1.0)
    (2 * p).sum().backward()
    (2 * v).backward()
    SGD([p, v], lr=0.1).zero_grad()
    assert p.grad is None
    assert v.grad == 0.0


def test_zero_grad_to_zeros() -> None:
    """Also where the data are not finite; a frozen parameter has no gradient to forget."""
    p, frozen, v = nn.Parameter([1.0, np.inf]), nn.Parameter([1.0]), Value(2.0)
    optimizer = SGD([p, frozen, v], lr=0.1)
    (2 * p).sum().backward()
    (2 * v).backward()
    frozen.requires_grad = False
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0, 0.0]
    assert frozen.grad is None
    assert v.grad == 0.0


def test_a_dtype_changed_since_stops_a_step_before_any_update() -> None:
    a, b = nn.Parameter(np.ones(2, np.float32)), nn.Parameter(np.ones(2, np.float64))
    optimizer = Adam([a, b], lr=0.1)
    a.grad, b.grad = np.ones(2, np.float32), np.ones(2)
    b.cast(np.float32)
    b.grad = np.ones(2, np.float32)
    with refuses(TypeError, "no longer of float64"):
        optimizer.step()
    assert a.tolist() == [1.0, 1.0]
    assert optimizer.state_dict()["state"] == {}


def test_a_momentum_switched_on_begins_with_the_whole_gradient() -> None:
    """Whatever the dampening, as PyTorch's does; and goes on where it was switched off."""
    p = nn.Parameter([0.0])
    optimizer = SGD([p], lr=1.0, dampening=0.5)
    found = []
    for momentum in (0.0, 0.0, 0.9, 0.9, 0.0, 0.9):
        optimizer.param_groups[0]["momentum"] = momentum
        before, p.grad = p.item(), np.array([1.0])
        optimizer.step()
        found.append(before - p.item())
    np.testing.assert_allclose(found, [1, 1, 1, 1.4, 1, 1.76], rtol=1e-14)


def test_parameters_may_come_from_a_generator() -> None:
    params = started()
    optimizer = SGD((p for p in params), lr=0.1)
    train(optimizer, params)
    np.testing.assert_allclose(contents(params), RECORDED["sgd"][1], rtol=1e-9)


def test_defaults_are_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    for name in ("SGD", "Adam"):
        ours = getattr(nn.optim, name)([nn.Parameter([1.0])])
        theirs = getattr(torch.optim, name)([torch.ones(1)]).defaults
        for setting in ("lr", "momentum", "dampening", "nesterov", "betas", "eps", "weight_decay"):
            if setting in theirs:
                assert ours.defaults[setting] == theirs[setting], (name, setting)


def test_repr() -> None:
    assert repr(SGD(started(), lr=0.1)) == "SGD(2 parameters, lr=0.1)"
    assert repr(Adam(started())) == "Adam(2 parameters, lr=0.001)"


@pytest.mark.parametrize("kind", [SGD, Adam])
class TestErrors:
    def test_no_parameters(self, kind: Any) -> None:
        with refuses(ValueError, kind.__name__, "no parameters", "model.parameters()"):
            kind([])

    @pytest.mark.parametrize(
        "wrong", [np.ones(2), 1.0, "w", None, leaf([1.0]) * 2, Value(1.0) * 2, nn.ReLU()]
    )
    def test_what_is_no_parameter(self, kind: Any, wrong: Any) -> None:
        with refuses(TypeError, kind.__name__, "model.parameters()"):
            kind([nn.Parameter([1.0]), wrong])

    @pytest.mark.parametrize("wrong", [nn.Parameter([1.0, 2.0]), Value(1.0), nn.Linear(1, 1), None])
    def test_what_is_no_list_of_parameters(self, kind: Any, wrong: Any) -> None:
        with refuses(TypeError, kind.__name__, "model.parameters()"):
            kind(wrong)

    def test_one_given_twice(self, kind: Any) -> None:
        p = nn.Parameter([1.0])
        with refuses(ValueError, kind.__name__, "twice"):
            kind([p, p])

    @pytest.mark.parametrize("setting", ["lr", "weight_decay"])
    @pytest.mark.parametrize("x", [-0.1, float("nan")])
    def test_settings_out_of_range(self, kind: Any, setting: str, x: float) -> None:
        with refuses(ValueError, setting, repr(x)):
            kind(started(), **{setting: x})


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_how_pytorch_is_to_compute_is_no_setting_here(kind: str) -> None:
    """In PyTorch they choose among its kernels, which give the same numbers."""
    for name in ("foreach", "fused", "capturable", "differentiable"):
        with refuses(TypeError, kind, "unexpected keyword", name):
            getattr(nn.optim, kind)(started(), **{name: True})
        with refuses(ValueError, kind, "no settings", name):
            getattr(nn.optim, kind)([{"params": started(), name: True}])


def test_momentum_out_of_range() -> None:
    with refuses(ValueError, "momentum", "-0.5"):
        SGD(started(), momentum=-0.5)
    for settings in ({"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}):
        with refuses(ValueError, "nesterov"):
            SGD(started(), nesterov=True, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, -0.1)},
        {"eps": -1.0},
        {"betas": 0.9},
        {"betas": (0.9, 0.9, 0.9)},
    ],
)
def test_adams_settings_out_of_range(settings: dict[str, Any]) -> None:
    with refuses(ValueError, next(iter(settings))):
        Adam(started(), **settings)


def test_an_optimiser_without_a_formula() -> None:
    optimizer = nn.optim.Optimizer(started(), {"lr": 0.1})
    params = optimizer.params
    params[0].grad = np.ones((2, 3))
    with refuses(NotImplementedError, "Optimizer", "_update"):
        optimizer.step()


@pytest.mark.parametrize("gradient", [0.1, 0.3, 0.7, 1e-3])
def test_centered_rmsprop_where_the_variance_rounds_below_zero(gradient: float) -> None:
    """Of a constant gradient the mean square less the squared mean goes to 0."""
    p = nn.Parameter(np.zeros(3, np.float32))
    optimizer = nn.optim.RMSprop([p], centered=True, eps=1.0)
    for _ in range(2000):
        p.grad = np.full(3, gradient, np.float32)
        optimizer.step()
    assert np.isfinite(p.data).all()
    np.testing.assert_allclose(p.data, -2000 * 0.01 * gradient, rtol=0.2)

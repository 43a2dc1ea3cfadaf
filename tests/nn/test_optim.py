"""The optimisers: PyTorch's trajectories, and arrays that never change under their holder."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, gradients
from nn.optim import SGD, Adam

from ..autograd.helpers import leaf, refuses, unless_refused
from ..autograd.numeric import spread
from ..autograd.strategies import Array
from .trajectories import LBFGS_SETTINGS, RECORDED, SETTINGS, START, X, Y, loss, penalised

STEPS = 100


def made(name: str, params: list[Any]) -> Any:
    kind, settings = SETTINGS[name]
    return getattr(nn.optim, kind)(params, **settings)


every = pytest.mark.parametrize("name", SETTINGS)


def started(dtype: Any = float) -> list[nn.Parameter]:
    return [nn.Parameter(x.astype(dtype)) for x in START]


def train(optimizer: Any, params: list[Any], steps: int = 1, dtype: Any = float) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        loss(autograd.tanh, X.astype(dtype), Y.astype(dtype), *params).backward()
        optimizer.step()


def contents(params: list[Any]) -> Array:
    return np.concatenate([np.ravel(p.data) for p in params])


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


# --- parameters without a gradient -------------------------------------------------------


@every
def test_a_parameter_without_a_gradient_stays_and_so_does_its_state(name: str) -> None:
    """Three parameters with gradients at different steps go as they would alone."""
    together = [nn.Parameter([1.0, 2.0]), nn.Parameter([[3.0]]), nn.Parameter([4.0, 5.0, 6.0])]
    alone = [nn.Parameter(p.data) for p in together]
    optimizer, single = made(name, together), [made(name, [p]) for p in alone]
    for step in range(12):
        optimizer.zero_grad()
        for i, (p, q) in enumerate(zip(together, alone, strict=True)):
            if step % (i + 1) == 0:
                p.grad = q.grad = spread(p.shape, step)
                single[i].step()
        optimizer.step()
        for p, q in zip(together, alone, strict=True):
            np.testing.assert_allclose(p.data, q.data, rtol=1e-14)


def test_no_gradient_at_all_changes_nothing() -> None:
    p = nn.Parameter([1.0, 2.0])
    before = p.data
    optimizer = Adam([p])
    optimizer.step()
    assert p.data is before
    p.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_allclose(p.data, [1.0 - 1e-3, 2.0 - 1e-3], rtol=1e-9)  # a first step


def test_a_zero_gradient_is_a_gradient() -> None:
    p = nn.Parameter([1.0])
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    p.grad = np.array([1.0])
    optimizer.step()
    p.grad = np.array([0.0])
    optimizer.step()
    assert p.tolist() == [-0.5]


def test_frozen_and_thawed() -> None:
    layer: Any = nn.Linear(2, 1, dtype=float)
    start = layer.weight.numpy()
    layer.weight.requires_grad = False
    optimizer = SGD(layer.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        layer(np.ones((1, 2))).sum().backward()
        optimizer.step()
    np.testing.assert_array_equal(layer.weight.data, start)
    layer.weight.requires_grad = True
    optimizer.zero_grad()
    layer(np.ones((1, 2))).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(layer.weight.data, start - 0.1, rtol=1e-14)
    layer.weight.requires_grad = False
    optimizer.step()
    np.testing.assert_allclose(layer.weight.data, start - 0.1, rtol=1e-14)


def test_tied_parameters_are_updated_once() -> None:
    a, b = nn.Linear(1, 1, bias=False, dtype=float), nn.Linear(1, 1, bias=False, dtype=float)
    b.weight = a.weight
    a.weight.data = np.array([[3.0]])
    model = nn.Sequential(a, b)
    optimizer = SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(np.array([[1.0]])).sum().backward()  # w**2, slope 2 w
        optimizer.step()
    assert b.weight is a.weight
    np.testing.assert_allclose(a.weight.data, [[3.0 * 0.8**2]], rtol=1e-15)


def test_a_gradient_with_a_graph() -> None:
    p = nn.Parameter([2.0])
    (p**2).sum().backward(create_graph=True)
    assert isinstance(p.grad, Tensor)
    SGD([p], lr=0.25).step()
    assert p.tolist() == [1.0]
    p.grad = None


# --- parameters changed by others --------------------------------------------------------


def _assign(p: Any) -> None:
    p.data = p.data * 2 + 1


def _in_place(p: Any) -> None:
    p.data *= 2
    p.data += 1


def _by_index(p: Any) -> None:
    p.data[...] = p.data * 2 + 1


def _one_entry(p: Any) -> None:
    p.data[0] = p.data[0] * 2 + 1
    p.data[1:] = p.data[1:] * 2 + 1


def _no_grad(p: Any) -> None:
    with autograd.no_grad():
        p *= 2
        p += 1


changes = pytest.mark.parametrize("change", [_assign, _in_place, _by_index, _one_entry, _no_grad])


@changes
@pytest.mark.parametrize("held", [False, True])
def test_a_step_starts_from_what_the_parameters_hold(
    change: Callable[[Any], None], held: bool
) -> None:
    params = started()
    optimizer = SGD(params, lr=0.1)
    train(optimizer, params, 3)
    keep = params[0].data if held else None
    expected = params[0].numpy() * 2 + 1
    change(params[0])
    np.testing.assert_allclose(params[0].data, expected, rtol=1e-15)
    g = spread((2, 3), 5)
    params[0].grad = g
    optimizer.step()
    np.testing.assert_allclose(params[0].data, expected - 0.1 * g, rtol=1e-14)
    del keep


@every
@changes
def test_the_state_outlives_a_change(name: str, change: Callable[[Any], None]) -> None:
    """As with an assignment to `.data`, after which the arrays are gathered anew."""
    params, mirrors = started(), started()
    optimizer, other = made(name, params), made(name, mirrors)
    for step in range(6):
        train(optimizer, params)
        train(other, mirrors)
        if step % 2:
            change(params[0])
            _assign(mirrors[0])
        np.testing.assert_allclose(contents(params), contents(mirrors), rtol=1e-12)


def test_two_optimisers_share_a_parameter() -> None:
    p = nn.Parameter([8.0])
    first, second = SGD([p], lr=1.0), SGD([p, nn.Parameter([1.0])], lr=0.5)
    for _ in range(3):
        p.grad = np.array([1.0])
        first.step()
        second.step()
    assert p.tolist() == [3.5]


def test_a_parameter_swapped_for_another_in_the_model_is_left_alone() -> None:
    model = nn.Sequential(nn.Linear(2, 1, dtype=float))
    optimizer = SGD(model.parameters(), lr=0.1)
    fresh = nn.Parameter([[1.0, 1.0]])
    model[0].weight = fresh
    model(np.ones((1, 2))).sum().backward()
    optimizer.step()
    assert fresh.tolist() == [[1.0, 1.0]]


def test_settings_may_change_on_the_way() -> None:
    p = nn.Parameter([1.0])
    optimizer = SGD([p], lr=0.1)
    for lr in (0.5, 0.25):
        optimizer.lr = lr
        p.grad = np.array([1.0])
        optimizer.step()
    assert p.tolist() == [0.25]


# --- what was handed out -----------------------------------------------------------------

HOLDS: dict[str, Callable[[nn.Parameter], Any]] = {
    "data": lambda p: p.data,
    "row": lambda p: p.data[0],
    "transposed": lambda p: p.data.T,
    "reshaped": lambda p: p.data.reshape(-1),
    "memoryview": lambda p: memoryview(p.data),  # type: ignore[arg-type]
    "detached": lambda p: p.detach(),
    "recorded view": lambda p: p.reshape(-1),
    "recorded transpose": lambda p: p.T,
    "recorded index": lambda p: p[0],
}


def plain(held: Any) -> Array:
    return np.array(held.detach() if isinstance(held, Tensor) else held)


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS)
@pytest.mark.parametrize("warm_up", [0, 1, 3])
def test_what_data_handed_out_never_changes(
    kind: Any, hold: Callable[[nn.Parameter], Any], warm_up: int
) -> None:
    """Whether the steps before worked in place or not."""
    params = [nn.Linear(3, 2, dtype=float).weight, nn.Parameter(START[1])]
    optimizer = kind(params, lr=0.1)
    train(optimizer, params, warm_up)
    held = hold(params[0])
    before = plain(held)
    for _ in range(3):
        train(optimizer, params)
        np.testing.assert_array_equal(plain(held), before)
    del held
    train(optimizer, params, 2)
    assert not np.array_equal(plain(hold(params[0])), before)


@every
def test_every_array_handed_out_on_the_way_stays(name: str) -> None:
    params = started()
    optimizer = made(name, params)
    held = []
    for _ in range(8):
        train(optimizer, params)
        for p in params:
            held += [(x, x.copy()) for x in (p.data, p.grad)]
        train(optimizer, params)
        for x, before in held:
            np.testing.assert_array_equal(x, before)


def test_the_gradient_is_not_used_up() -> None:
    for name in SETTINGS:
        params = started()
        optimizer = made(name, params)
        train(optimizer, params)
        before = [p.grad.copy() for p in params]
        optimizer.step()
        for p, g in zip(params, before, strict=True):
            np.testing.assert_array_equal(p.grad, g)


def test_arrays_given_as_gradients_and_data_stay() -> None:
    p, g, x = nn.Parameter([1.0, 2.0]), np.array([1.0, -1.0]), np.array([5.0, 6.0])
    optimizer = Adam([p], lr=0.1)
    p.data = x
    for _ in range(3):
        p.grad = g
        optimizer.step()
    assert g.tolist() == [1.0, -1.0]
    assert x.tolist() == [5.0, 6.0]


# --- a step between forward and backward -------------------------------------------------


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("warm_up", [0, 3])
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_step_between_forward_and_backward(
    kind: Any, warm_up: int, steps: int, create_graph: bool
) -> None:
    model = nn.Sequential(
        nn.Linear(3, 4, dtype=float), nn.Tanh(), nn.Linear(4, 2, bias=False, dtype=float)
    )
    params = model.parameters()
    optimizer = kind(params, lr=0.1)
    criterion = nn.MSELoss()
    for _ in range(warm_up):
        optimizer.zero_grad()
        criterion(model(X), Y).backward()
        optimizer.step()
    expected = gradients(criterion(model(X), Y), params)
    pending = criterion(model(X), Y)
    for p, g in zip(params, expected, strict=True):
        p.grad = g
    for _ in range(steps):
        optimizer.step()
    found = unless_refused(
        lambda: gradients(pending, params, create_graph=create_graph), RuntimeError, "written to"
    )
    if found is not None:
        for g, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(g.numpy() if create_graph else g, e, rtol=1e-12, atol=1e-15)


def test_a_step_between_forward_and_backward_of_values() -> None:
    """The factors are kept as numbers, so the gradient is that of the original contents."""
    model = nn.MLP(2, [3, 1])
    optimizer = SGD(model.parameters(), lr=0.5)
    out: Any = model([1.0, -2.0])
    out.backward()
    expected = [p.grad for p in model.parameters()]
    optimizer.step()
    optimizer.zero_grad()
    out.backward()
    assert [p.grad for p in model.parameters()] == expected


# --- copies ------------------------------------------------------------------------------


def by_pickle(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


copied = pytest.mark.parametrize("twin_of", [copy.deepcopy, by_pickle])


@every
@copied
@pytest.mark.parametrize("before", [0, 3])
def test_copies_of_parameters_and_optimiser_go_on_alike_and_apart(
    name: str, twin_of: Callable[[Any], Any], before: int
) -> None:
    params = [nn.Linear(3, 2, dtype=float).weight, nn.Parameter(START[1])]
    optimizer = made(name, params)
    train(optimizer, params, before)
    twins, twin = twin_of((params, optimizer))
    assert all(p is q for p, q in zip(twin.params, twins, strict=True))
    here = contents(params)
    train(twin, twins, 4)
    np.testing.assert_array_equal(contents(params), here)
    train(optimizer, params, 4)
    np.testing.assert_array_equal(contents(params), contents(twins))
    train(optimizer, params)
    assert not np.array_equal(contents(params), contents(twins))


@copied
def test_copies_of_a_scalar_model_and_its_optimiser(twin_of: Callable[[Any], Any]) -> None:
    def step(model: Any, optimizer: Any) -> list[float]:
        optimizer.zero_grad()
        (model([0.5, -1.0]) - 1).backward()
        optimizer.step()
        return [p.data for p in model.parameters()]

    model = nn.MLP(2, [3, 1])
    optimizer = Adam(model.parameters(), lr=0.1)
    step(model, optimizer)
    here = [p.data for p in model.parameters()]
    model_twin, twin = twin_of((model, optimizer))
    expected = [step(model_twin, twin) for _ in range(3)]
    assert [p.data for p in model.parameters()] == here
    assert [step(model, optimizer) for _ in range(3)] == expected


@copied
def test_a_copied_model_alone_is_not_trained(twin_of: Callable[[Any], Any]) -> None:
    params = started()
    optimizer = Adam(params, lr=0.1)
    train(optimizer, params, 3)
    twins = twin_of(params)
    here = contents(twins)
    train(optimizer, params, 3)
    np.testing.assert_array_equal(contents(twins), here)
    twins[0].data += 1.0
    reached = contents(params)
    train(SGD(twins, lr=0.1), twins, 2)
    np.testing.assert_array_equal(contents(params), reached)


# --- zero_grad, repr, errors -------------------------------------------------------------


def test_zero_grad() -> None:
    p, v = nn.Parameter([1.0]), Value(1.0)
    (2 * p).sum().backward()
    (2 * v).backward()
    SGD([p, v], lr=0.1).zero_grad()
    assert p.grad is None
    assert v.grad == 0.0


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


def test_momentum_out_of_range() -> None:
    with refuses(ValueError, "momentum", "-0.5"):
        SGD(started(), momentum=-0.5)
    for settings in ({"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}):
        with refuses(ValueError, "nesterov"):
            SGD(started(), nesterov=True, **settings)


@pytest.mark.parametrize("settings", [{"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}, {"eps": -1.0}])
def test_adams_settings_out_of_range(settings: dict[str, Any]) -> None:
    with refuses(ValueError, next(iter(settings))):
        Adam(started(), **settings)


def test_an_optimiser_without_a_formula() -> None:
    optimizer = nn.optim.Optimizer(started(), {"lr": 0.1})
    params = optimizer.params
    params[0].grad = np.ones((2, 3))
    with refuses(NotImplementedError, "Optimizer", "_update"):
        optimizer.step()

"""state_dict, load_state_dict and buffers: names, all or nothing, ties, cycles, copies."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value

from ..autograd.helpers import refuses
from ..autograd.numeric import spread


class Scaled(nn.Module):
    """A layer with two buffers, one of them not kept, and one that may be missing."""

    optional_state = ("count",)

    def __init__(self) -> None:
        self.layer = nn.Linear(2, 3)
        self.register_buffer("mean", np.zeros(3, np.float32))
        self.register_buffer("count", np.array(0))
        self.register_buffer("cache", np.ones(2), persistent=False)
        self.register_buffer("unused", None)

    mean: Any
    count: Any
    cache: Any
    unused: Any


def tied() -> nn.Sequential:
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    return nn.Sequential(a, b)


def contents(model: nn.Module) -> dict[str, Any]:
    return {name: x.tolist() for name, x in model.state_dict().items()}


# --- names -------------------------------------------------------------------------------


def test_names_are_paths_and_buffers_are_there_if_they_are_kept() -> None:
    model = nn.Sequential(Scaled(), nn.Linear(3, 1))
    shapes = {name: x.shape for name, x in model.state_dict().items()}
    assert shapes == {
        "0.layer.weight": (3, 2), "0.layer.bias": (3,), "0.mean": (3,), "0.count": (),
        "1.weight": (1, 3), "1.bias": (1,),
    }  # fmt: skip
    assert [name for name, _ in model.named_buffers()] == ["0.mean", "0.count", "0.cache"]
    assert len(model.buffers()) == 3
    assert len(model.parameters()) == 4  # buffers are not trained


def test_the_state_is_a_copy_rows_first() -> None:
    layer = nn.Linear(3, 2)
    before = layer.weight.numpy()
    state = layer.state_dict()
    assert state["weight"].flags.c_contiguous
    state["weight"][:] = 7
    np.testing.assert_array_equal(layer.weight.data, before)
    kept = layer.state_dict()["weight"]
    layer.weight.data += 1
    np.testing.assert_array_equal(kept, before)


def test_a_module_inside_itself_ends() -> None:
    model = nn.Linear(1, 1)
    model.again = model  # type: ignore[attr-defined]
    assert list(model.state_dict()) == ["weight", "bias"]


def test_a_module_under_two_names_is_there_twice_as_in_pytorch() -> None:
    layer = nn.Linear(1, 1)
    assert list(nn.Sequential(layer, layer).state_dict()) == [
        "0.weight", "0.bias", "1.weight", "1.bias"
    ]  # fmt: skip


def test_values() -> None:
    model = nn.MLP(2, [2, 1])
    state = model.state_dict()
    assert state["layers.0.neurons.0.w.0"].shape == ()
    other = nn.MLP(2, [2, 1])
    other.load_state_dict(state)
    assert [p.data for p in other.parameters()] == [p.data for p in model.parameters()]
    assert all(type(p.data) is float for p in other.parameters())


# --- loading -----------------------------------------------------------------------------


def test_there_and_back() -> None:
    model, other = Scaled(), Scaled()
    model.mean = np.array([1, 2, 3], np.float32)
    result = other.load_state_dict(model.state_dict())
    assert result == ([], [])
    assert contents(other) == contents(model)
    assert other.mean is not model.mean
    model.layer.weight.data += 1
    assert contents(other) != contents(model)


def test_everything_that_is_wrong_is_named_and_nothing_is_loaded() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = contents(model)
    state: dict[str, Any] = {
        "0.weight": np.ones((3, 2), np.float32),  # this one fits
        "0.bias": np.ones(2, np.float32),
        "1.weight": np.ones((1, 3)),
        "2.weight": np.ones(1),
        "other": np.ones(1),
    }
    with refuses(
        ValueError, "Sequential.load_state_dict", "missing: 1.bias", "unexpected: 2.weight, other",
        "misshapen: 0.bias is (2,), the model's (3,)", "1.weight is float64", ".astype('float32')",
    ):  # fmt: skip
        model.load_state_dict(state)
    assert contents(model) == before


def test_not_strict_takes_what_there_is() -> None:
    model = nn.Linear(2, 1)
    result = model.load_state_dict({"bias": np.ones(1, np.float32), "x": 1}, strict=False)
    assert result.missing_keys == ["weight"]
    assert result.unexpected_keys == ["x"]
    assert model.bias is not None
    assert model.bias.tolist() == [1.0]
    with refuses(ValueError, "misshapen"):
        model.load_state_dict({"bias": np.ones(2, np.float32)}, strict=False)


def test_an_optional_entry_may_be_missing_or_be_there() -> None:
    """As `num_batches_tracked`, which files of old PyTorch versions do not have."""
    model = Scaled()
    state = model.state_dict()
    del state["count"]
    model.load_state_dict(state)
    bare = nn.Sequential(Scaled())
    del bare[0].count
    bare[0].__dict__["_buffers"] = {"mean": True}
    bare.load_state_dict({f"0.{k}": x for k, x in Scaled().state_dict().items()})


def test_wider_dtypes_take_narrower_ones() -> None:
    model = nn.Linear(1, 1, dtype=float)
    model.load_state_dict(nn.Linear(1, 1, dtype=np.float16).state_dict())
    assert model.weight.dtype == np.float64


@pytest.mark.parametrize("state", [None, [1, 2], "weight"])
def test_what_is_no_state(state: Any) -> None:
    with refuses(TypeError, "Linear.load_state_dict", "state_dict()"):
        nn.Linear(1, 1).load_state_dict(state)


def test_what_is_no_array() -> None:
    with refuses((ValueError, TypeError), "weight"):
        nn.Linear(1, 1).load_state_dict({"weight": object(), "bias": np.ones(1, np.float32)})


def test_tied_parameters() -> None:
    model = tied()
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    state = {name: x + 1 for name, x in model.state_dict().items()}
    model.load_state_dict(state)
    assert model[0].weight is model[1].weight
    np.testing.assert_array_equal(model[0].weight.data, state["0.weight"])
    del state["1.weight"]  # files that keep shared memory once leave out the other names
    model.load_state_dict(state)
    with refuses(ValueError, "0.weight and 1.weight are one parameter"):
        model.load_state_dict({**state, "1.weight": state["0.weight"] + 1})


def test_loading_keeps_the_memory_order_and_graphs() -> None:
    layer = nn.Linear(3, 2, dtype=float)
    x = spread((4, 3), 1)
    out = layer(x).sum()
    layer.load_state_dict(nn.Linear(3, 2, dtype=float).state_dict())
    assert layer.weight.data.flags.f_contiguous
    out.backward()  # by the contents it was recorded with
    np.testing.assert_allclose(layer.weight.grad, np.tile(x.sum(0), (2, 1)), rtol=1e-13)


def test_pytorchs_state() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is in the bench extra")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.PReLU(), torch.nn.Linear(4, 2))
    ours = nn.Sequential(nn.Linear(3, 4), nn.PReLU(), nn.Linear(4, 2))
    ours.load_state_dict(theirs.state_dict())
    x = spread((5, 3), 1).astype(np.float32)
    expected = theirs(torch.tensor(x)).detach().numpy()
    # Sums of four and of five numbers below 1, each rounded to 6e-8.
    np.testing.assert_allclose(ours(x).numpy(), expected, rtol=0, atol=6e-7)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})


# --- buffers -----------------------------------------------------------------------------


def test_a_buffer_is_copied_and_may_be_assigned() -> None:
    module, array = nn.Identity(), np.zeros(2)
    module.register_buffer("running", array)
    array[:] = 5
    assert module.running.tolist() == [0.0, 0.0]  # type: ignore[attr-defined]
    module.running = np.ones(2)  # type: ignore[attr-defined]
    assert module.state_dict()["running"].tolist() == [1.0, 1.0]
    module.register_buffer("running", [3])
    assert module.state_dict()["running"].tolist() == [3]


def test_buffers_of_one_module_are_not_those_of_another() -> None:
    a, b = nn.Identity(), nn.Identity()
    a.register_buffer("x", 1.0)
    assert b.state_dict() == {}
    twin = copy.deepcopy(a)
    twin.register_buffer("y", 2.0)
    assert list(a.state_dict()) == ["x"]
    assert list(twin.state_dict()) == ["x", "y"]


@pytest.mark.parametrize("name", ["training", "forward", "a.b", "", "weight"])
def test_names_a_buffer_cannot_have(name: str) -> None:
    with refuses(ValueError, "register_buffer", repr(name)):
        nn.Linear(1, 1).register_buffer(name, 1.0)


# --- the rest of the machinery -----------------------------------------------------------


def test_children_apply_and_freezing() -> None:
    inner = nn.Sequential(nn.Linear(1, 1))
    model = nn.Sequential(inner, nn.ReLU())
    assert model.children() == [inner, model[1]]
    order: list[str] = []
    assert model.apply(lambda m: order.append(type(m).__name__)) is model
    assert order[-1] == "Sequential"
    assert sorted(order) == ["Linear", "ReLU", "Sequential", "Sequential"]
    model.requires_grad_(False)
    assert not any(p.requires_grad for p in model.parameters())
    assert nn.count_parameters(model) == 2
    assert nn.count_parameters(model, trainable=True) == 0
    model.requires_grad_()
    assert nn.count_parameters(model, trainable=True) == 2


def test_counting() -> None:
    assert nn.count_parameters(tied()) == 2 * 2 + 2 + 2
    assert nn.count_parameters(nn.MLP(2, [4, 1])) == 17
    assert isinstance(nn.MLP(1, [1]).parameters()[0], Value)


def test_the_order_is_pytorchs() -> None:
    """A module's own parameters, its buffers, then the modules below it."""

    class Block(nn.Module):
        def __init__(self) -> None:
            self.first = nn.Linear(2, 2)
            self.scale = nn.Parameter(np.zeros(2))
            self.register_buffer("mean", np.zeros(2))
            self.norm = nn.BatchNorm1d(2)
            self.shift = nn.Parameter(np.zeros(2))

    own, first = ["scale", "shift"], ["first.weight", "first.bias"]
    norm = ["norm.weight", "norm.bias"]
    tracked = ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked"]
    block = Block()
    assert [name for name, _ in block.named_parameters()] == [*own, *first, *norm]
    assert list(block.state_dict()) == [*own, "mean", *first, *norm, *tracked]


# --- what is assigned to a buffer -------------------------------------------------------


def _with_buffer(contents: Any = (1.0, 2.0)) -> Any:
    module = nn.Identity()
    module.register_buffer("mean", contents)
    return module


@pytest.mark.parametrize("given", [0.5, 3, [1.0, 2.0], np.float64(2), Tensor([1.0, 2.0])])
def test_what_a_buffer_is_assigned_becomes_an_array(given: Any) -> None:
    module = _with_buffer()
    module.mean = given
    assert type(module.mean) is np.ndarray
    plain = given.data if isinstance(given, Tensor) else given
    assert np.array_equal(module.to("float32").state_dict()["mean"], plain)


@pytest.mark.parametrize(
    "given", ["x", np.array([None]), Tensor([1.0], requires_grad=True), nn.Parameter([1.0]) * 2]
)
def test_what_can_be_no_buffer_is_refused_and_leaves_it(given: Any) -> None:
    module = _with_buffer()
    with pytest.raises(TypeError, match="mean"):
        module.mean = given
    assert module.state_dict()["mean"].tolist() == [1.0, 2.0]


def test_a_deleted_buffer_is_gone() -> None:
    module = _with_buffer()
    del module.mean
    assert module.state_dict() == {}
    assert module.to("float32").buffers() == []
    module.mean = "anything"  # an attribute like any other
    module.register_buffer("other", [1.0])
    assert [name for name, _ in module.named_buffers()] == ["other"]


@pytest.mark.parametrize("contents", [[1.0, 2.0], None])
def test_a_parameter_takes_the_name_of_a_buffer(contents: Any) -> None:
    module = _with_buffer(contents)
    parameter = nn.Parameter([3.0])
    if contents is None:
        module.register_parameter("mean", parameter)  # which a name that is in use refuses
    else:
        module.mean = parameter
    module.to("float32")  # cast once, in place: what a buffer is replaced by would not be trained
    assert module.mean is parameter
    assert module.buffers() == []
    assert list(module.state_dict()) == ["mean"]
    assert module.parameters() == [parameter]


def test_a_module_takes_the_name_of_a_buffer() -> None:
    module = _with_buffer()
    module.mean = nn.Linear(1, 1)
    assert module.to("float64").buffers() == []
    assert list(module.state_dict()) == ["mean.weight", "mean.bias"]


@pytest.mark.parametrize("keys", [(1, "1"), ("a.b", "a")])
def test_two_parameters_of_one_name_are_refused(keys: tuple[Any, Any]) -> None:
    module: Any = nn.Identity()
    first, second = nn.Parameter([1.0]), nn.Parameter([2.0])
    module.f = {keys[0]: first, keys[1]: {"b": second} if keys[1] == "a" else second}
    with refuses(ValueError, "two entries", "'f."):
        module.state_dict()
    with refuses(ValueError, "two entries"):
        module.load_state_dict({})


def test_parameters_and_tensors_are_arrays() -> None:
    """As where averages of parameters are kept by name."""
    first, second = nn.Linear(2, 1), nn.Linear(2, 1)
    second.load_state_dict(dict(first.named_parameters()))
    assert second.weight.data.tolist() == first.weight.data.tolist()
    assert second.weight is not first.weight


def test_a_buffer_keeps_the_order_of_its_axes() -> None:
    """The last bits of a matrix product depend on it."""
    module: Any = nn.Identity()
    module.register_buffer("P", np.arange(6.0).reshape(2, 3).T)
    module.load_state_dict(module.state_dict())
    assert module.P.flags.f_contiguous
    assert not module.P.flags.c_contiguous


def test_a_buffer_of_a_module_under_two_names() -> None:
    norm = nn.BatchNorm1d(2)
    model = nn.Sequential(norm, norm)
    assert model.get_buffer("1.running_mean") is norm.running_mean
    assert len(model.buffers()) == 3

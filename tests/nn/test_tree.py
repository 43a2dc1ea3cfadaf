"""Parameters and modules by name: the ways to find them, and to put them there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

from ..autograd.helpers import refuses


class Block(nn.Module):
    """A parameter, a buffer and modules of all kinds, two of them one."""

    def __init__(self) -> None:
        self.scale = nn.Parameter([1.0])
        self.register_buffer("mean", [0.0])
        self.first = nn.Linear(2, 2)
        self.rest = [nn.Linear(2, 1), nn.Sequential(nn.Tanh(), nn.BatchNorm1d(1))]
        self.again = self.first


BLOCK = Block()


def names(pairs: list[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in pairs]


def test_parameters_of_the_module_alone() -> None:
    assert names(BLOCK.named_parameters(recurse=False)) == ["scale"]
    assert BLOCK.parameters(recurse=False) == [BLOCK.scale]
    assert names(BLOCK.named_buffers(recurse=False)) == ["mean"]
    assert len(BLOCK.buffers(recurse=False)) == 1
    assert len(BLOCK.buffers()) == 4


def test_names_with_a_prefix() -> None:
    first = names(BLOCK.named_parameters("net"))
    assert first == [f"net.{name}" for name in names(BLOCK.named_parameters())]
    assert names(BLOCK.named_modules(prefix="net"))[:3] == ["net", "net.first", "net.rest.0"]
    assert names(BLOCK.named_buffers("net"))[:2] == ["net.mean", "net.rest.1.1.running_mean"]


def test_every_name_of_what_is_there_twice() -> None:
    assert "again.weight" not in names(BLOCK.named_parameters())
    assert "again.weight" in names(BLOCK.named_parameters(remove_duplicate=False))
    assert "again" in names(BLOCK.named_modules(remove_duplicate=False))


def test_children_by_name() -> None:
    assert names(BLOCK.named_children()) == ["first", "rest.0", "rest.1"]
    assert BLOCK.children() == [x for _, x in BLOCK.named_children()]


def test_by_path() -> None:
    assert BLOCK.get_submodule("") is BLOCK
    assert BLOCK.get_submodule("rest.1.0") is BLOCK.rest[1][0]  # type: ignore[index]
    assert BLOCK.get_parameter("again.weight") is BLOCK.first.weight
    assert BLOCK.get_buffer("rest.1.1.running_mean") is BLOCK.rest[1][1].running_mean  # type: ignore[index]
    with refuses(AttributeError, "get_buffer", "'scale'", "'mean'"):
        BLOCK.get_buffer("scale")
    with refuses(AttributeError, "get_submodule", "Block", "'rest'", "'rest.0'"):
        BLOCK.get_submodule("rest")
    with refuses(AttributeError, "get_parameter", "'first'", "'first.bias'"):
        BLOCK.get_parameter("first")


def test_put_there_by_name() -> None:
    module: Any = nn.Identity()
    weight = nn.Parameter([1.0])
    module.register_parameter("weight", None)
    assert module.weight is None
    assert module.parameters() == []
    module.register_parameter("weight", weight)
    module.register_parameter("weight", weight)
    module.add_module("inner", nn.Linear(1, 1))
    module.add_module("inner", nn.Tanh())
    assert names(module.named_parameters()) == ["weight"]
    assert names(module.named_modules()) == ["", "inner"]


@pytest.mark.parametrize("value", [np.ones((2, 2)), [[1.0]], 3.0, Tensor([1.0]), "x"])
def test_what_is_not_trained_does_not_take_the_place_of_a_parameter(value: Any) -> None:
    """As an initialisation that forgets `.data` would have it."""
    layer: Any = nn.Linear(2, 2)
    before = layer.weight
    with refuses(TypeError, "Linear", "weight", type(value).__name__, ".weight.data"):
        layer.weight = value
    assert layer.weight is before
    for other in (nn.Parameter([1.0]), None, Tensor([1.0])):
        layer.weight = other
        assert layer.weight is other


def test_a_computed_tensor_may_take_the_place_of_a_deleted_parameter() -> None:
    """As in networks whose weights others compute: gradients go through it."""
    layer: Any = nn.Linear(2, 1, bias=False, dtype=float)
    scale = nn.Parameter([[2.0, 3.0]])
    with refuses(TypeError, "weight is a parameter", "del"):
        layer.weight = scale * 2
    del layer.weight
    layer.weight = scale * 2
    layer(np.ones((1, 2))).sum().backward()
    assert scale.grad.tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize("name", ["", "a.b", "forward", "training", "inner", 3])
def test_names_a_parameter_cannot_have(name: Any) -> None:
    module = nn.Identity()
    module.add_module("inner", nn.Tanh())
    with refuses(ValueError, "register_parameter", repr(name)):
        module.register_parameter(name, nn.Parameter([1.0]))
    if name != "inner":
        with refuses(ValueError, "add_module", repr(name)):
            module.add_module(name, nn.Tanh())


def test_next_of_the_parameters() -> None:
    layer = nn.Linear(2, 1)
    assert next(layer.parameters()) is layer.weight
    given = layer.parameters()
    assert [next(given), next(given)] == given == [layer.weight, layer.bias]
    with pytest.raises(StopIteration):
        next(given)
    assert len(given) == 2


def test_a_module_is_not_lost_by_assignment() -> None:
    model: Any = nn.Identity()
    model.inner = nn.Linear(2, 1)
    for other in (3, np.ones(2), lambda x: x):
        with refuses(TypeError, "inner is a module", "del"):
            model.inner = other
    assert len(model.parameters()) == 2
    model.inner = nn.Tanh()
    model.inner = None
    assert model.parameters() == []


def test_what_cannot_be_put_there() -> None:
    with refuses(TypeError, "register_parameter", "'w'", "nn.Parameter"):
        nn.Identity().register_parameter("w", np.ones(2))
    with refuses(TypeError, "add_module", "'m'", "no module"):
        nn.Identity().add_module("m", np.tanh)  # type: ignore[arg-type]


def test_apply_goes_as_in_pytorch() -> None:
    """The modules below first, in their order: seeded initialisations depend on it."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    orders = []
    for lib in (nn, torch.nn):
        model = lib.Sequential(
            lib.Linear(1, 2), lib.Sequential(lib.ReLU(), lib.Linear(2, 3)), lib.Tanh()
        )
        order: list[str] = []
        assert model.apply(fn=lambda m, o=order: o.append(type(m).__name__)) is model
        orders.append(order)
    assert orders[0] == orders[1]


def test_apply_calls_a_shared_module_once() -> None:
    calls = []
    BLOCK.apply(calls.append)
    assert calls == [BLOCK.first, BLOCK.rest[0], *BLOCK.rest[1], BLOCK.rest[1], BLOCK]  # type: ignore[misc]


def test_argument_names_are_pytorchs() -> None:
    layer = nn.Linear(1, 1)
    layer.load_state_dict(state_dict=layer.state_dict())
    layer.register_buffer("b", tensor=[1.0], persistent=False)
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0.0]]
    assert layer.requires_grad_(False).weight.requires_grad is False

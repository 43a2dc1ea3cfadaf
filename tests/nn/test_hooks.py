"""Hooks before and after `forward`."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd
import nn

from ..autograd.helpers import refuses


class Add(nn.Module):
    """x + y."""

    def forward(self, x: float, y: float = 0.0) -> float:
        return x + y


def negative(module: nn.Module, args: Any, output: Any) -> Any:
    return -output


def test_hooks_see_and_change_arguments_and_output() -> None:
    seen: list[Any] = []
    module = Add()
    module.register_forward_pre_hook(lambda m, args: seen.append((m, args)))
    module.register_forward_pre_hook(lambda m, args: 10 * args[0])  # one for a tuple of one
    module.register_forward_pre_hook(lambda m, args: (args[0], 1.0))
    module.register_forward_hook(lambda m, args, output: seen.append((args, output)))
    module.register_forward_hook(negative)
    assert module(2.0) == -21.0
    assert seen == [(module, (2.0,)), ((20.0, 1.0), 21.0)]


def test_hooks_with_keyword_arguments() -> None:
    module, seen = Add(), []
    module.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"y": 2 * kwargs["y"]}), with_kwargs=True
    )
    module.register_forward_pre_hook(lambda m, args, kwargs: None, with_kwargs=True)
    module.register_forward_hook(
        lambda m, args, kwargs, output: seen.append((args, kwargs, output)), with_kwargs=True
    )
    module.register_forward_hook(lambda m, args, output: seen.append(args))
    assert module(1.0, y=3.0) == 7.0
    assert seen == [((1.0,), {"y": 6.0}, 7.0), (1.0,)]
    module.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with refuses(TypeError, "Add", "with_kwargs", "(args, kwargs)"):
        module(1.0, y=1.0)


def test_the_order_is_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    orders = []
    for module in (nn.Identity(), torch.nn.Identity()):
        order: list[str] = []
        for name, prepend in (("a", False), ("b", True), ("c", False), ("d", True)):
            module.register_forward_hook(lambda *_, n=name, o=order: o.append(n), prepend=prepend)
            module.register_forward_pre_hook(
                lambda *_, n=name, o=order: o.append(n.upper()), prepend=prepend
            )
        module(1)
        orders.append(order)
    assert orders[0] == orders[1] == [*"DBAC", *"dbac"]


def test_handles() -> None:
    module = Add()
    first = module.register_forward_hook(negative)
    with module.register_forward_hook(negative) as second:
        assert module(1.0) == 1.0
    assert module(1.0) == -1.0
    second.remove()  # once more
    first.remove()
    assert module(1.0) == 1.0
    assert not module._hooks


def test_a_hook_may_remove_itself_and_others() -> None:
    module, calls = Add(), []

    def once(*args: Any) -> None:
        calls.append(1)
        handle.remove()

    handle = module.register_forward_hook(once)
    module.register_forward_hook(negative)
    assert module(1.0) == module(1.0) == -1.0
    assert calls == [1]


def test_a_hook_of_one_module_is_not_of_others_or_of_copies_made_before() -> None:
    module, other = Add(), Add()
    twin = copy.deepcopy(module)
    module.register_forward_hook(negative)
    assert (module(1.0), other(1.0), twin(1.0)) == (-1.0, 1.0, 1.0)
    for later in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert later(1.0) == -1.0
        later.register_forward_hook(negative)
        assert (later(1.0), module(1.0)) == (1.0, -1.0)


def test_a_module_as_hook_is_no_part_of_the_model() -> None:
    layer = nn.Linear(2, 2)
    layer.register_forward_hook(nn.Bilinear(2, 2, 1))
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]


def test_activations_and_gradients_of_a_layer_inside() -> None:
    """What people use hooks for: looking at a layer that others call, and freezing features."""
    model = nn.Sequential(nn.Linear(2, 3, dtype=float), nn.Tanh(), nn.Linear(3, 1, dtype=float))
    features: dict[str, Any] = {}
    for name, module in model.named_children():
        module.register_forward_hook(lambda m, args, out, n=name: features.update({n: out}))
    x = np.ones((4, 2))
    out = model(x)
    assert list(features) == ["0", "1", "2"]
    np.testing.assert_array_equal(features["1"].numpy(), np.tanh(features["0"].numpy()))
    assert features["2"] is out
    model[1].register_forward_hook(lambda m, args, out: out.detach())
    model(x).sum().backward()
    assert model[0].weight.grad is None
    assert model[2].weight.grad is not None


def test_hooks_run_while_a_picture_is_made() -> None:
    model = nn.Sequential(nn.Linear(2, 3, dtype=float))
    calls = []
    model[0].register_forward_hook(lambda *args: calls.append(1))
    autograd.draw(model, np.ones((1, 2)))
    assert calls == [1]


def test_what_is_no_hook() -> None:
    for register in (Add().register_forward_hook, Add().register_forward_pre_hook):
        with refuses(TypeError, "Add", "3", "no function"):
            register(3)  # type: ignore[arg-type]


def test_a_hook_beside_those_of_a_pickle() -> None:
    """A pickle has keys of another process, which may be the next ones here."""
    layer, calls = nn.Identity(), []
    layer.register_forward_hook(lambda m, args, output: calls.append("old"))
    hooks: Any = layer._hooks
    (key,) = hooks
    hooks[key + 1] = hooks.pop(key)
    layer.register_forward_hook(lambda m, args, output: calls.append("new"))
    layer(1)
    assert calls == ["old", "new"]

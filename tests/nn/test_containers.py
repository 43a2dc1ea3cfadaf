"""Sequential, ModuleList and ModuleDict as lists and dicts that are modules."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn

from ..autograd.helpers import refuses

KINDS = [nn.Sequential, nn.ModuleList]


def made(kind: Any, items: list[Any]) -> Any:
    return kind(*items) if kind is nn.Sequential else kind(items)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_they_do_what_lists_do(kind: Any, data: st.DataObject) -> None:
    items: list[Any] = [nn.Linear(1, 1) for _ in range(data.draw(st.integers(0, 4)))]
    container = made(kind, items)
    for _ in range(6):
        what = data.draw(
            st.sampled_from(["append", "insert", "extend", "delete", "cut", "set", "pop"])
        )
        fresh: Any = nn.ReLU()
        place = data.draw(st.integers(-len(items), len(items) - 1)) if items else None
        if what == "append":
            items.append(fresh)
            assert container.append(fresh) is container
        elif what == "insert":
            where = data.draw(st.integers(-6, 6))
            items.insert(where, fresh)
            container.insert(where, fresh)
        elif what == "extend":
            items.extend([fresh, nn.Tanh()])
            container.extend(items[-2:])
        elif what == "cut":
            part = slice(data.draw(st.integers(-3, 3)), data.draw(st.integers(-3, 3)))
            del items[part]
            del container[part]
        elif place is None:
            continue
        elif what == "delete":
            del items[place]
            del container[place]
        elif what == "pop":
            assert container.pop(place) is items.pop(place)
        else:
            items[place] = fresh
            container[place] = fresh
        assert list(container) == items
        assert len(container) == len(items)
        assert [name for name, _ in container.named_modules()][1:] == [
            str(i) for i in range(len(items))
        ]
    assert list(container[1:]) == items[1:]
    assert type(container[1:]) is kind
    assert list(reversed(container)) == items[::-1]
    assert all(item in container for item in items)


@pytest.mark.parametrize("kind", KINDS)
def test_names_follow_the_places(kind: Any) -> None:
    container = made(kind, [nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 2)])
    del container[0]
    assert list(container.state_dict()) == ["1.weight", "1.bias"]
    for twin in (copy.deepcopy(container), pickle.loads(pickle.dumps(container))):
        assert repr(twin) == repr(container)
        twin.append(nn.Tanh())
        assert len(container) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_sums_and_products_are_pytorchs(kind: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    reprs = []
    for lib in (nn, torch.nn):
        a, b, c = lib.ReLU(), lib.Tanh(), lib.Sigmoid()
        if kind is nn.Sequential:
            first, second = lib.Sequential(a, b), lib.Sequential(OrderedDict(named=c))
            products = [first * 2, 2 * first]
            assert products[0][2] is a
            again = lib.Sequential(a, b)
            again *= 3
            products.append(again)
        else:
            first, second, products = lib.ModuleList([a, b]), [c], []
        total = first + second
        assert (len(first), len(second), total[2] is c) == (2, 1, True)
        before = first
        first += second
        assert first is before
        reprs.append(
            [repr(x).replace("nn.modules.container.", "") for x in (total, first, *products)]
        )
    assert reprs[0] == reprs[1]


def test_sums_and_products_that_cannot_be() -> None:
    model = nn.Sequential(nn.ReLU())
    for wrong in (lambda: model + 1, lambda: model * 1.5, lambda: model * "a"):
        with refuses(TypeError):
            wrong()
    with refuses(TypeError, "ModuleList", "no module"):
        nn.ModuleList([nn.ReLU()]).__add__([3])
    with refuses(ValueError, "Sequential", "0 times"):
        model * 0


def test_added_by_name() -> None:
    """As PyTorch's: an item of a Sequential that is called, of a dict, of a list."""
    model: Any = nn.Sequential()
    model.add_module("0", nn.Linear(2, 3))
    model.add_module("act", nn.Tanh())
    model.add_module("0", nn.Linear(2, 4))
    assert [name for name, _ in model.named_children()] == ["0", "act"]
    out = model(np.ones((1, 2), np.float32))
    assert out.shape == (1, 4)
    assert abs(out.numpy()).max() < 1
    heads = nn.ModuleDict()
    heads.add_module("a", nn.ReLU())
    assert list(heads) == ["a"]
    for name in ("forward", "a.b", "", "7x.y"):
        with refuses(KeyError, "Sequential", repr(name)):
            model.add_module(name, nn.ReLU())
    with refuses(TypeError, "Sequential", "'x'", "cannot be called"):
        model.add_module("x", None)


def test_a_slice_of_a_subclass_is_a_plain_one() -> None:
    """Of whose arguments nobody knows."""

    class Block(nn.Sequential):
        def __init__(self, width: int) -> None:
            super().__init__(nn.Linear(width, 2), nn.Tanh())

    block = Block(3)
    part = block[1:]
    assert type(part) is type(block + block) is type(block * 2) is nn.Sequential
    assert list(part) == [block[1]]


def test_parameters_in_lists_and_dicts() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")

    def made(lib: Any, new: Any) -> Any:
        model = lib.Module() if lib is torch.nn else nn.Identity()
        model.scales = lib.ParameterList([new(1), new(2)])
        model.scales.append(new(3))
        model.scales += [new(4)]
        model.shifts = lib.ParameterDict({"a": new(5)})
        model.shifts["b"] = new(6)
        assert model.scales[-1].shape == (4,)
        assert ("a" in model.shifts, len(model.shifts), len(model.scales)) == (True, 2, 4)
        return model

    ours = made(nn, lambda n: nn.Parameter(np.zeros(n, np.float32)))
    theirs = made(torch.nn, lambda n: torch.nn.Parameter(torch.zeros(n)))
    shapes = {name: tuple(x.shape) for name, x in theirs.state_dict().items()}
    assert {name: x.shape for name, x in ours.state_dict().items()} == shapes
    assert repr(ours.scales[:2]) == "ParameterList(0: (1,), 1: (2,))"
    assert repr(ours.shifts) == "ParameterDict(a: (5,), b: (6,))"
    assert (len(nn.ParameterList() + ours.scales), len(nn.ParameterDict())) == (4, 0)
    for change in (
        lambda: ours.scales.append(np.ones(2)),
        lambda: ours.shifts.update(c=nn.ReLU()),
        lambda: nn.ParameterList([nn.Parameter([1.0]) * 2]),
    ):
        with refuses(TypeError, "Parameter", "nn.Parameter(...)"):
            change()


def test_an_attribute_is_an_item() -> None:
    """As in PyTorch, whose users write a Sequential line by line."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")

    def made(lib: Any) -> Any:
        class Net(lib.Sequential):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.hidden = lib.Linear(2, 3)
                self.act = lib.Tanh()
                self.width = 3

        model = Net()
        model.out = lib.Linear(3, 1)
        model.act = lib.ReLU()
        del model.out
        return model

    ours, theirs = made(nn), made(torch.nn)
    assert repr(ours) == repr(theirs)
    assert len(ours) == 2
    out = ours(np.ones((1, 2), np.float32))
    assert out.shape == (1, 3)
    assert list(ours.append(nn.Tanh()).state_dict()) == ["hidden.weight", "hidden.bias"]


def test_nothing_at_first() -> None:
    for empty in (nn.ModuleList(), nn.ModuleList(None), nn.ModuleDict(), nn.ModuleDict(None)):
        assert len(empty) == 0


def test_sequential_with_names() -> None:
    model: Any = nn.Sequential({"hidden": nn.Linear(2, 3), "out": nn.Linear(3, 1)})
    assert list(model.state_dict())[::2] == ["hidden.weight", "out.weight"]
    assert model.hidden is model[0]
    assert model(np.ones((4, 2), np.float32)).shape == (4, 1)
    model.insert(1, nn.ReLU())
    assert [name for name, _ in model.named_modules()] == ["", "hidden", "1", "out"]
    for name in ("forward", "a.b", "", "1"):
        with refuses(KeyError, "Sequential", repr(name)):
            nn.Sequential({name: nn.ReLU()})


def test_what_cannot_be_put_in() -> None:
    model = nn.Sequential(nn.ReLU())
    changes: list[Any] = [
        lambda: model.append(3),
        lambda: model.insert(0, [nn.ReLU()]),
        lambda: model.__setitem__(0, None),
        lambda: model.extend([nn.ReLU(), 3]),
    ]
    for change in changes:
        with refuses(TypeError, "Sequential", "cannot be called"):
            change()
        assert len(model) == 1
    with refuses(TypeError, "ModuleList", "no module"):
        nn.ModuleList([nn.ReLU(), np.tanh])  # type: ignore[list-item]
    with refuses(TypeError, "ModuleDict", "'a'", "no module"):
        nn.ModuleDict({"a": 3})  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", KINDS)
def test_indices_that_are_not_there(kind: Any) -> None:
    container = made(kind, [nn.ReLU()])
    for use in (container.__getitem__, container.__delitem__):
        with refuses(IndexError, kind.__name__, "index 1", "1 items"):
            use(1)
        with refuses(TypeError, kind.__name__, "str"):
            use("0")


def test_a_list_is_not_called() -> None:
    with refuses(NotImplementedError, "ModuleList", "forward"):
        nn.ModuleList([nn.ReLU()])(1.0)


def test_module_dict() -> None:
    layers = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    assert list(layers) == list(layers.keys()) == ["a", "b"]
    assert list(layers.state_dict()) == ["a.weight", "a.bias"]
    layers["c"] = nn.Tanh()
    layers["a"] = nn.Sigmoid()
    assert [(k, type(m).__name__) for k, m in layers.items()] == [
        ("a", "Sigmoid"), ("b", "ReLU"), ("c", "Tanh")
    ]  # fmt: skip
    assert type(layers.pop("b")).__name__ == "ReLU"
    assert "b" not in layers
    assert len(layers) == 2
    with refuses(KeyError, "b"):
        layers["b"]
    with refuses(KeyError, "b"):
        del layers["b"]
    for name in ("forward", "keys", "a.b", ""):
        with refuses(KeyError, "ModuleDict", repr(name)):
            layers[name] = nn.ReLU()
    assert repr(layers) == "ModuleDict(\n  (a): Sigmoid()\n  (c): Tanh()\n)"


def test_dicts_of_modules_are_themselves() -> None:
    """As any module, and not by what they hold."""
    one, other = nn.ParameterDict({"a": nn.Parameter([1.0, 2.0])}), nn.ParameterDict()
    assert len({one, other, nn.ModuleDict()}) == 3
    assert one == one
    assert one != nn.ParameterDict({"a": one["a"]})


def test_a_class_is_no_module() -> None:
    with refuses(TypeError, "Sequential", "ReLU, is a class", "ReLU()"):
        nn.Sequential(nn.Linear(2, 2), nn.ReLU)

"""Parameter and Module: the walk over the attributes, modes, gradients, reprs, copies."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value

from ..autograd.helpers import refuses


def param(x: float = 1.0) -> nn.Parameter:
    return nn.Parameter([x])


class Holder(nn.Module):
    """A module with the attributes it is given."""

    def __init__(self, **attributes: Any) -> None:
        for name, x in attributes.items():
            setattr(self, name, x)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, x: Any) -> None: ...


def names(module: nn.Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


# --- Parameter ---------------------------------------------------------------------------


def test_a_parameter_is_a_leaf_that_records() -> None:
    p = nn.Parameter([1.0, 2.0], label="w")
    assert isinstance(p, Tensor)
    assert p.requires_grad
    assert p.is_leaf
    assert p.dtype == np.float64
    assert p.label == "w"
    (p * 3).sum().backward()
    assert p.grad.tolist() == [3.0, 3.0]


def test_a_parameter_keeps_the_dtype_of_its_data_and_copies_it() -> None:
    data = np.ones(2, np.float32)
    p = nn.Parameter(data)
    data[:] = 5
    assert p.dtype == np.float32
    assert p.tolist() == [1.0, 1.0]
    assert nn.Parameter([1, 2], dtype=np.float32).dtype == np.float32


def test_a_parameter_of_integers_is_refused() -> None:
    with refuses(TypeError, "int64", "floating"):
        nn.Parameter([1, 2])


def test_results_of_parameters_are_no_parameters() -> None:
    p = param()
    assert not isinstance(p * 2, nn.Parameter)
    assert not isinstance(p.detach(), nn.Parameter)


# --- the walk ----------------------------------------------------------------------------


def test_attributes_in_their_order() -> None:
    b, a = param(), param()
    module = Holder(b=b, number=3, a=a, text="b", nothing=None)
    assert module.named_parameters() == [("b", b), ("a", a)]
    assert module.parameters() == [b, a]
    assert isinstance(module.parameters(), list)


def test_lists_tuples_and_dicts_at_any_depth() -> None:
    module = Holder(
        items=[param(), (param(), [param()])],
        table={"x": param(), 7: [param()], "inner": {"y": nn.Linear(1, 1)}},
    )
    assert names(module) == [
        "items.0",
        "items.1.0",
        "items.1.1.0",
        "table.x",
        "table.7.0",
        "table.inner.y.weight",
        "table.inner.y.bias",
    ]


def test_modules_at_any_depth() -> None:
    module = Holder(
        first=nn.Linear(2, 3),
        rest=[nn.Sequential(nn.Linear(3, 2), nn.ReLU()), Holder(scale=param())],
        last=param(),
    )
    assert names(module) == [
        "last",
        "first.weight",
        "first.bias",
        "rest.0.0.weight",
        "rest.0.0.bias",
        "rest.1.scale",
    ]
    assert [name for name, _ in module.named_modules()] == [
        "",
        "first",
        "rest.0",
        "rest.0.0",
        "rest.0.1",
        "rest.1",
    ]
    assert module.modules()[0] is module


def test_a_parameter_reached_twice_counts_once() -> None:
    shared = param()
    tied = nn.Linear(2, 2)
    other = nn.Linear(2, 2)
    other.weight = tied.weight
    module = Holder(a=shared, b=[shared], tied=tied, other=other, again=tied)
    assert names(module) == ["a", "tied.weight", "tied.bias", "other.bias"]
    assert [name for name, _ in module.named_modules()] == ["", "tied", "other"]


def test_equal_parameters_are_not_the_same_parameter() -> None:
    assert names(Holder(a=param(1.0), b=param(1.0))) == ["a", "b"]


def test_underscore_attributes_are_found_like_any_other() -> None:
    module = Holder(_hidden=param(), _module=nn.Linear(1, 1), shown=param())
    assert names(module) == ["_hidden", "shown", "_module.weight", "_module.bias"]


def test_underscore_keys_of_a_dict_are_not() -> None:
    assert names(Holder(table={"_x": param()})) == ["table._x"]


def test_leaf_values_count_and_results_do_not() -> None:
    v = Value(2.0)
    module = Holder(v=v, result=v * 3, plain=Tensor([1.0], requires_grad=True))
    assert module.parameters() == [v]


def test_parameters_that_come_and_go() -> None:
    module = Holder(a=param())
    module.b = param()
    del module.a
    assert names(module) == ["b"]


def test_a_module_without_parameters() -> None:
    assert Holder().parameters() == []
    assert nn.ReLU().named_parameters() == []


def run_apart(code: str) -> None:
    """In a process of its own: a walk that never ends must not hold up the suite."""
    subprocess.run([sys.executable, "-c", f"import nn\n{code}"], check=True, timeout=5)


def test_a_cycle_of_modules_ends() -> None:
    run_apart(
        "m = nn.Linear(1, 1)\n"
        "m.child = nn.ReLU()\n"
        "m.child.parent = m\n"
        "assert [n for n, _ in m.named_parameters()] == ['weight', 'bias']\n"
        "assert [n for n, _ in m.child.named_parameters()] == ['parent.weight', 'parent.bias']\n"
        "assert m.modules() == [m, m.child]\n"
        "assert not m.eval().child.training\n"
    )


def test_the_repr_of_a_cycle_ends() -> None:
    parent = Holder(a=param())
    parent.child = Holder(parent=parent)
    assert "child" in repr(parent)


def test_a_list_that_contains_itself_ends() -> None:
    run_apart(
        "m = nn.ReLU()\n"
        "m.items = [nn.Parameter([1.0])]\n"
        "m.items.append(m.items)\n"
        "assert len(m.parameters()) == 1\n"
    )


def test_deep_nesting_needs_no_recursion() -> None:
    module = Holder(p=param())
    for _ in range(5_000):
        module = Holder(inner=module)
    assert len(module.parameters()) == 1


# --- forward -----------------------------------------------------------------------------


def test_calling_a_module_calls_forward() -> None:
    class Power(nn.Module):
        def forward(self, x: float, exponent: float = 1.0) -> float:
            return float(x**exponent)

    assert Power()(3.0, exponent=2.0) == 9.0


def test_no_forward() -> None:
    with refuses(NotImplementedError, "Holder", "forward"):
        Holder()(1.0)


def test_no_init_of_the_base_class_is_needed() -> None:
    class Bare(nn.Module):
        def __init__(self) -> None:
            self.w = param()

    assert Bare().training
    assert len(Bare().parameters()) == 1


# --- modes and gradients -----------------------------------------------------------------


def test_train_and_eval_reach_every_module() -> None:
    module = Holder(items=[nn.Sequential(nn.Linear(1, 1))], table={"x": nn.ReLU()})
    assert all(m.training for m in module.modules())
    assert module.eval() is module
    assert len(module.modules()) == 4
    assert not any(m.training for m in module.modules())
    assert module.train() is module
    assert all(m.training for m in module.modules())
    assert not module.train(False).training


def test_the_mode_of_one_module_is_not_that_of_another() -> None:
    first, second = nn.ReLU(), nn.ReLU()
    first.eval()
    assert second.training


def test_zero_grad() -> None:
    p, v = param(), Value(2.0)
    module = Holder(p=p, inner=Holder(v=v))
    (p * 3).sum().backward()
    (v * 3).backward()
    assert (p.grad.tolist(), v.grad) == ([3.0], 3.0)
    module.zero_grad()
    assert p.grad is None
    assert v.grad == 0.0


def test_frozen_parameters_are_listed_and_get_no_gradient() -> None:
    layer: Any = nn.Linear(2, 1, dtype=float)
    layer.weight.requires_grad = False
    assert names(layer) == ["weight", "bias"]
    layer(np.ones((3, 2))).sum().backward()
    layer.zero_grad()
    layer(np.ones((3, 2))).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad.tolist() == [3.0]
    layer.weight.requires_grad = True
    layer(np.ones((3, 2))).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, [[3.0, 3.0]])


def test_shared_parameters_collect_all_their_gradients() -> None:
    first = nn.Linear(1, 1, bias=False, dtype=float)
    second = nn.Linear(1, 1, bias=False, dtype=float)
    second.weight = first.weight
    first.weight.data = np.array([[3.0]])
    second(first(np.array([[2.0]]))).sum().backward()  # 2 w**2
    assert first.weight.grad.tolist() == [[12.0]]


# --- repr --------------------------------------------------------------------------------


def test_repr_reads_like_the_model() -> None:
    model = nn.Sequential(
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Sequential(nn.Linear(32, 10, bias=False), nn.Softmax(dim=1)),
    )
    assert repr(model) == (
        "Sequential(\n"
        "  (0): Linear(in_features=64, out_features=32, bias=True)\n"
        "  (1): ReLU()\n"
        "  (2): Sequential(\n"
        "    (0): Linear(in_features=32, out_features=10, bias=False)\n"
        "    (1): Softmax(dim=1)\n"
        "  )\n"
        ")"
    )


def test_repr_of_modules_in_lists_and_of_the_extra() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.layers = [nn.Tanh(), nn.Sigmoid()]
            self.head = {"a": nn.Softplus()}
            self.scale = param()

        def extra_repr(self) -> str:
            return "size=3"

    assert repr(Model()) == (
        "Model(size=3\n  (layers.0): Tanh()\n  (layers.1): Sigmoid()\n"
        "  (head.a): Softplus(beta=1.0, threshold=20.0)\n)"
    )
    assert repr(Holder()) == "Holder()"


# --- copies ------------------------------------------------------------------------------


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copied_model_is_equal_and_independent(twin_of: Any) -> None:
    model = nn.Sequential(nn.Linear(3, 4, dtype=float), nn.Tanh(), nn.Linear(4, 2, dtype=float))
    model[2].bias.requires_grad = False
    x = np.sin(np.arange(6.0)).reshape(2, 3)
    model(x).sum().backward()
    model.eval()
    twin = twin_of(model)
    assert repr(twin) == repr(model)
    assert not twin.training
    np.testing.assert_array_equal(twin(x).numpy(), model(x).numpy())
    assert [p.requires_grad for p in twin.parameters()] == [True, True, True, False]
    assert all(isinstance(p, nn.Parameter) for p in twin.parameters())
    before = model(x).numpy()
    np.testing.assert_array_equal(twin[0].weight.grad, model[0].weight.grad)
    for p in twin.parameters():
        p.data += 1.0
    twin.zero_grad()
    np.testing.assert_array_equal(model(x).numpy(), before)
    assert model[0].weight.grad is not None


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_tied_parameters_stay_tied_in_a_copy(twin_of: Any) -> None:
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    twin = twin_of(nn.Sequential(a, b))
    assert twin[0].weight is twin[1].weight
    assert twin[0].weight is not a.weight


def test_importing_the_package_loads_nothing_that_only_some_of_it_needs() -> None:
    run_apart(
        "import sys\n"
        "late = {'tqdm', 'safetensors', 'matplotlib', 'sklearn'}\n"
        "assert not late & sys.modules.keys(), late & sys.modules.keys()\n"
    )


class Frozen(nn.Module):
    """A trunk whose normalisation stays as it is."""

    def __init__(self) -> None:
        self.norm = nn.BatchNorm1d(2)
        self.rest = nn.Dropout()

    def train(self, mode: bool = True) -> Frozen:
        super().train(mode)
        self.norm.eval()
        return self


def test_a_module_within_may_override_train() -> None:
    model: Any = nn.Sequential(Frozen(), nn.Dropout())
    model.eval()
    assert model.train() is model
    assert [m.training for m in model.modules()] == [True, True, False, True, True]
    model.eval()
    assert not any(m.training for m in model.modules())


@pytest.mark.parametrize("mode", ["no", 1, None, np.ones(2)])
def test_a_mode_is_true_or_false(mode: Any) -> None:
    with refuses(ValueError, "train", "mode"):
        nn.Dropout().train(mode)


def test_gradients_of_zero_where_there_can_be_some() -> None:
    model = nn.Linear(1, 1, dtype=float)
    model.weight.data = np.array([[np.inf]])
    model.bias.requires_grad = False
    model.zero_grad(set_to_none=False)
    assert model.weight.grad.tolist() == [[0.0]]
    assert model.bias.grad is None


def test_values_cannot_be_frozen() -> None:
    with refuses(TypeError, "requires_grad_", "Values", "to_tensors"):
        nn.MLP(2, [1]).requires_grad_(False)


def test_overrides_of_train_within_each_other_are_called_once() -> None:
    calls: list[int] = []

    class Deep(nn.Module):
        def __init__(self, depth: int) -> None:
            self.below = Deep(depth - 1) if depth else nn.Dropout()

        def train(self, mode: bool = True) -> Deep:
            calls.append(1)
            return super().train(mode)

    model = nn.Sequential(Deep(9))
    model.eval()
    assert len(calls) == 10
    assert not any(m.training for m in model.modules())

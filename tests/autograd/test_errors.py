"""Bad input: an error of a fitting type that names the operation, what was given, what to do."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, enable_grad, gradients, no_grad

from .helpers import leaf, refuses, unless_refused

Call = Callable[[], Any]

# --- data --------------------------------------------------------------------------------


def named(x: Any) -> str:
    """A test id: the text, without the address an object's has."""
    return type(x).__name__ if type(x) is object else str(x)


NOT_NUMBERS = ["1.5", "text", b"1", None, [None, 1.0], ["1", "2"], {}, object(), [[1.0], ["a"]],
               np.array(["1"]), np.array([None]), np.array(["2020-01-01"], "M8[D]")]  # fmt: skip


@pytest.mark.parametrize("data", NOT_NUMBERS, ids=named)
@pytest.mark.parametrize("dtype", [None, float, np.float32])
def test_tensor_of_what_is_not_numeric(data: Any, dtype: Any) -> None:
    with refuses((TypeError, ValueError), "Tensor", "numbers"):
        Tensor(data, dtype=dtype)


@pytest.mark.parametrize(
    "data", [*NOT_NUMBERS, 1j, [1.0], np.array([1.0]), np.array(1.0), Tensor(1.0)], ids=named
)
def test_value_of_what_is_no_real_number(data: Any) -> None:
    with refuses(TypeError, "Value"):
        Value(data)


def test_ragged_lists() -> None:
    with refuses(ValueError, "Tensor", "equal lengths"):
        Tensor([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("data", ["1", None, ["1", "2"]])
def test_text_or_none_in_later_assignments(data: Any) -> None:
    t = leaf([1.0, 2.0])
    with refuses((TypeError, ValueError), "numbers"):
        t.data = data
    with refuses((TypeError, ValueError), "numbers"):
        (t * 2).backward(data if data is not None else [None, None])
    if data is not None:
        with refuses((TypeError, ValueError), "numbers"):
            t.grad = data


@pytest.mark.parametrize("other", ["1", None, object(), [None], np.array(["a"])], ids=named)
@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**", "@"])
def test_operators_with_what_is_not_numeric(other: Any, operator: str) -> None:
    name = {
        "+": "add",
        "-": "subtract",
        "*": "multiply",
        "/": "divide",
        "**": "power",
        "@": "matmul",
    }
    for x in [leaf([1.0]), *([Value(1.0)] if operator != "@" else [])]:
        for text in (f"x {operator} other", f"other {operator} x"):
            with refuses(TypeError, name[operator]):
                eval(text, {"x": x, "other": other})


@pytest.mark.parametrize("x", ["1", None, object()], ids=named)
def test_functions_of_what_is_not_numeric(x: Any) -> None:
    for name in ("exp", "relu", "sigmoid", "sum", "prod", "matmul", "maximum"):
        with refuses(TypeError, name):
            getattr(autograd, name)(*[x] * (2 if name in ("matmul", "maximum") else 1))


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_requires_grad_needs_a_floating_dtype(dtype: Any) -> None:
    with refuses(TypeError, "requires_grad", np.dtype(dtype).name, "float"):
        Tensor([1, 2], requires_grad=True, dtype=dtype)
    t = Tensor([1, 2], dtype=dtype)
    with refuses(TypeError, "requires_grad"):
        t.requires_grad = True


def test_requires_grad_of_a_result() -> None:
    with refuses(RuntimeError, "multiply", "detach"):
        (leaf([1.0]) * 2).requires_grad = False


def test_complex_numbers_give_the_right_gradient_or_an_error() -> None:
    """d|x (1 + 2i)| / dx = sign(x) sqrt(5)."""
    x = leaf([1.0, -2.0])
    found = unless_refused(
        lambda: gradients(autograd.abs(x * (1 + 2j)).sum(), x), TypeError, "complex"
    )
    if found is not None:
        np.testing.assert_allclose(found[0], [math.sqrt(5), -math.sqrt(5)])


# --- backward ----------------------------------------------------------------------------


def test_backward_of_several_elements_without_a_gradient() -> None:
    with refuses(ValueError, "backward", "(2, 3)", ".sum()", "gradient="):
        (leaf(np.ones((2, 3))) * 2).backward()
    with refuses(ValueError, "backward", "(0,)"):
        (leaf(np.ones(0)) * 2).backward()


@pytest.mark.parametrize("make", [
    lambda: Tensor(1.0), lambda: leaf(1.0).detach() * 2, lambda: Tensor(1.0) * 2,
    lambda: no_grad()(lambda: leaf(1.0) * 2)(),
])  # fmt: skip
def test_backward_where_nothing_records(make: Call) -> None:
    for use in (Tensor.backward, Tensor.retain_grad, lambda t: t.register_hook(print)):
        with refuses(RuntimeError, "records nothing", "requires_grad=True"):
            use(make())


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x + x, lambda x: x.reshape(1), abs])
def test_backward_on_a_freed_graph(f: Callable[[Tensor], Tensor]) -> None:
    x = leaf(2.0)
    y = f(x)
    y.backward()
    once = x.grad.copy()
    with refuses(RuntimeError, y._node.operation.name, "freed", "retain_graph=True"):
        y.backward()
    with refuses(RuntimeError, "freed", "retain_graph=True"):
        (y * 3).backward()
    np.testing.assert_array_equal(x.grad, once)


@pytest.mark.parametrize("gradient", [1.0, np.ones(2), np.ones((3, 2)), Tensor(np.ones(6))])
def test_a_gradient_of_the_wrong_shape(gradient: Any) -> None:
    with refuses(ValueError, "backward", str(np.shape(gradient)), "(2, 3)"):
        (leaf(np.ones((2, 3))) * 2).backward(gradient)


@pytest.mark.parametrize("gradient", ["1", None, [1.0], np.ones(1), 1j])
def test_a_gradient_for_a_value_that_is_no_number(gradient: Any) -> None:
    with refuses(TypeError, "backward"):
        (Value(1.0) * 2).backward(gradient)


# --- shapes ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "power", "maximum"])
def test_shapes_that_do_not_broadcast(name: str) -> None:
    f = getattr(autograd, name)
    x, y = np.ones((2, 3)), np.ones((4,))
    for left, right in ((leaf(x), leaf(y)), (leaf(x), y), (x, leaf(y)), (Tensor(x), Tensor(y))):
        with refuses(ValueError, name, "(2, 3)", "(4,)", "reshape"):
            f(left, right)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**", "@"])
def test_operators_with_shapes_that_do_not_fit(operator: str) -> None:
    name = {
        "+": "add",
        "-": "subtract",
        "*": "multiply",
        "/": "divide",
        "**": "power",
        "@": "matmul",
    }
    x, y = np.ones((2, 3)), np.ones((2, 4))
    for left, right in ((leaf(x), leaf(y)), (leaf(x), y), (x, leaf(y))):
        with refuses(ValueError, name[operator], "(2, 3)", "(2, 4)", "reshape"):
            eval(f"left {operator} right", {"left": left, "right": right})


X = np.ones((2, 3))
SHAPES: dict[str, tuple[Call, list[str]]] = {
    "where": (lambda: autograd.where(np.ones(4, bool), leaf(X), 0.0),
              ["where", "(2, 3)", "broadcast"]),
    "matmul": (lambda: leaf(X) @ leaf(X), ["matmul", "(2, 3)", "transpose"]),
    "matmul of a number": (lambda: leaf(X) @ 2.0, ["matmul", "(2, 3)"]),
    "dot": (lambda: autograd.dot(leaf(X), X), ["(2, 3)"]),
    "einsum": (lambda: autograd.einsum("ij,jk->ik", leaf(X), X), ["einsum", "(2, 3)"]),
    "einsum operands": (lambda: autograd.einsum("ij,jk->ik", leaf(X)), ["einsum"]),
    "einsum axes": (lambda: autograd.einsum("ijk->i", leaf(X)), ["einsum", "(2, 3)"]),
    "reshape": (lambda: leaf(X).reshape(4), ["reshape", "(2, 3)", "4"]),
    "broadcast_to": (lambda: leaf(X).broadcast_to((2, 4)), ["broadcast_to", "(2, 3)", "(2, 4)"]),
    "concatenate": (
        lambda: autograd.concatenate([leaf(X), np.ones((2, 4))]),
        ["concatenate", "(2, 3)", "(2, 4)"]
    ),
    "concatenate nothing": (lambda: autograd.concatenate([]), ["concatenate", "empty"]),
    "stack": (lambda: autograd.stack([leaf(X), np.ones((2, 4))]), ["stack", "(2, 3)", "(2, 4)"]),
    "split": (lambda: leaf(X).split(2, axis=1), ["split", "3", "2"]),
    "split into none": (lambda: leaf(X).split(0), ["split", "0"]),
    "squeeze": (lambda: leaf(X).squeeze(0), ["squeeze", "(2, 3)"]),
    "transpose": (lambda: leaf(X).transpose(0), ["transpose", "(2, 3)"]),
    "transpose repeated": (lambda: leaf(X).transpose(0, 0), ["transpose", "(2, 3)"]),
    "sum": (lambda: leaf(X).sum(axis=2), ["sum", "axis", "2", "(2, 3)"]),
    "mean": (lambda: np.mean(leaf(X), axis=-3), ["mean", "axis", "-3", "(2, 3)"]),
    "max": (lambda: leaf(X).max(axis=(0, 5)), ["max", "5", "(2, 3)"]),
    "max of nothing": (lambda: leaf(np.ones((0, 3))).max(), ["max", "(0, 3)"]),
    "swapaxes": (lambda: leaf(X).swapaxes(0, 2), ["swapaxes", "2", "(2, 3)"]),
    "pad": (lambda: autograd.pad(leaf(X), ((1, 1),) * 3), ["pad", "(3, 2)"]),
    "softmax": (lambda: leaf(X).softmax(axis=4), ["softmax", "4", "(2, 3)"]),
}  # fmt: skip


@pytest.mark.parametrize(("call", "words"), SHAPES.values(), ids=SHAPES)
def test_shapes_and_axes_that_do_not_fit(call: Call, words: list[str]) -> None:
    with refuses(ValueError, *words):  # AxisError is a ValueError
        call()


@pytest.mark.parametrize(("call", "words"), [
    (lambda: autograd.concatenate(leaf(1.0)), ["concatenate"]),
    (lambda: autograd.concatenate(3), ["concatenate", "list"]),
    (lambda: leaf(X).sum(0, 1, 2), ["sum"]),
    (lambda: leaf(X).mean(axes=0), ["mean", "axes"]),
    (lambda: autograd.exp(leaf(X), leaf(X)), ["exp"]),
    (lambda: autograd.add(leaf(X)), ["add"]),
    (lambda: autograd.einsum(leaf(X)), ["einsum", "subscripts"]),
    (lambda: autograd.transpose(leaf(X), "ab"), ["transpose"]),
    (lambda: leaf(X).reshape("a"), ["reshape"]),
    (lambda: leaf(X).sum(axis="rows"), ["sum"]),
])  # fmt: skip
def test_arguments_of_the_wrong_kind(call: Call, words: list[str]) -> None:
    with refuses((TypeError, ValueError), *words):
        call()


# --- conversions that would detach ---------------------------------------------------------


def _into_buffer(x: Any) -> None:
    np.zeros(3)[0] = x


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "int": int,
    "complex": complex,
    "math.sin": math.sin,
    "math.floor": math.floor,
    "buffer": _into_buffer,
    "np.array": np.array,
    "np.array of a list": lambda x: np.array([x, x]),
    "np.array with dtype": lambda x: np.array([x, x], float),
    "object array": lambda x: np.array([x, x], object),
    "np.asarray": np.asarray,
    "np.sum of a list": lambda x: np.sum([x, x]),
    "np.exp of a list": lambda x: np.exp([x, x]),
    "Tensor of a list": lambda x: Tensor([x, x]),
    "np.float64": np.float64,
    "percent format": lambda x: "%f" % x,  # noqa: UP031
}


@pytest.mark.parametrize("convert", CONVERSIONS.values(), ids=CONVERSIONS)
@pytest.mark.parametrize("make", [lambda: leaf(1.0), lambda: leaf(1.0) * 2, lambda: Value(1.0)])
def test_nothing_that_records_converts_itself(convert: Callable[[Any], Any], make: Call) -> None:
    with refuses((TypeError, ValueError), ".item()", ".detach()", "autograd.sin"):
        convert(make())


def test_an_index_from_something_that_records() -> None:
    with pytest.raises(TypeError):
        _ = [1, 2, 3][leaf(1.0)]


@pytest.mark.parametrize("shape", [(2,), (2, 2), (0,)])
def test_the_truth_of_several_elements(shape: tuple[int, ...]) -> None:
    t = leaf(np.ones(shape))
    for use in (bool, lambda x: not x, lambda x: x and 1, lambda x: 1 if x else 0):
        with refuses(ValueError, str(shape), ".any()", ".all()"):
            use(t)


# --- Values and arrays ---------------------------------------------------------------------


@pytest.mark.parametrize("other", [np.ones(2), np.ones(()), Tensor([1.0, 2.0]), leaf(1.0)])
@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
def test_a_value_and_an_array_do_not_mix(other: Any, operator: str) -> None:
    for text in (f"v {operator} other", f"other {operator} v"):
        with refuses(TypeError, "Value", ".item()", "Tensor(v.data)"):
            eval(text, {"v": Value(2.0), "other": other})


@pytest.mark.parametrize("call", [
    lambda v: autograd.maximum(v, np.ones(2)), lambda v: autograd.maximum(leaf([1.0]), v),
    lambda v: autograd.dot([v, v], [np.ones(2), 1.0]), lambda v: autograd.sum([v, leaf([1.0])]),
    lambda v: autograd.concatenate([leaf([1.0]), v]),
    lambda v: autograd.where(True, leaf([1.0]), v),
    lambda v: np.add(v, np.ones(2)), lambda v: autograd.softmax(v), lambda v: autograd.matmul(v, v),
    lambda v: autograd.reshape(v, (1,)),
])  # fmt: skip
def test_functions_of_a_value_and_an_array(call: Callable[[Value], Any]) -> None:
    with refuses(TypeError, "Value", "Tensor(v.data)"):
        call(Value(2.0))


@pytest.mark.parametrize("base", [leaf([1.0, 2.0]), Tensor([1.0, 2.0])])
def test_a_power_with_a_modulus(base: Tensor) -> None:
    for exponent in (2, leaf([2.0, 2.0])):
        with refuses(TypeError, "power", "two operands", "% z"):
            pow(base, exponent, 3)


# --- switches and declarations --------------------------------------------------------------


@pytest.mark.parametrize("switch", [no_grad, enable_grad])
def test_switches_do_not_decorate_generators(switch: Callable[[], Any]) -> None:
    def steps() -> Any:
        yield 1

    async def later() -> None:
        return None

    for function in (steps, later):
        with refuses(TypeError, switch.__name__, function.__name__, "with"):
            switch()(function)


def test_no_user_error_is_an_assert() -> None:
    """`python -O` would drop it. `assert x is not None`, which tells the type checker what is
    known already, is no check of what users give."""
    package = Path(autograd.__file__).parent
    for file in package.rglob("*.py"):
        tree = ast.parse(file.read_text())
        lines = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Assert) and not ast.unparse(node.test).endswith("is not None")
        ]
        assert not lines, f"{file.name}: assert at {lines}"

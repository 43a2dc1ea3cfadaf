"""NumPy's functions on Tensors and Values: ours, NumPy's own, or an error that names them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, check_gradients

from .helpers import leaf, refuses, unless_refused
from .strategies import Array

X = np.array([[0.3, 0.7], [0.6, 0.2]])  # in the domain of every function, no ties, no kinks

UFUNCS = sorted({f for f in vars(np).values() if isinstance(f, np.ufunc)}, key=lambda f: f.__name__)
NO_DERIVATIVE = "iub"  # kinds of results no derivative flows through


def listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, tuple) else [out]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_every_ufunc_differentiates_or_refuses(ufunc: np.ufunc) -> None:
    """Never a constant with a float in it: a gradient, a plain truth or number, or an error."""
    shift = 2.0 if ufunc is np.arccosh else 0.0  # into its domain
    inputs = [X + shift, X.T.copy() + 1][: ufunc.nin]
    leaves = [leaf(x) for x in inputs]
    out = unless_refused(lambda: ufunc(*leaves), TypeError, ufunc.__name__)
    if out is None:
        return
    outs = listed(out)
    expected = listed(ufunc(*inputs))
    for y, e in zip(outs, expected, strict=True):
        if isinstance(y, Tensor):
            np.testing.assert_allclose(y.numpy(), e, rtol=1e-15)
        else:
            assert y.dtype.kind in NO_DERIVATIVE
            np.testing.assert_array_equal(y, e)
    smooth = [i for i, y in enumerate(outs) if isinstance(y, Tensor)]
    if smooth:
        check_gradients(lambda *xs: [listed(ufunc(*xs))[i] for i in smooth], *inputs)


def _functions() -> Iterator[Any]:
    """NumPy's public functions that dispatch through __array_function__."""
    modules: list[types.ModuleType] = [np, np.linalg, np.fft]
    for module in modules:
        for name, f in sorted(vars(module).items()):
            harmless = not name.startswith(("_", "save", "load", "from", "gen"))
            if harmless and hasattr(f, "_implementation"):
                yield pytest.param(f, id=f"{module.__name__}.{name}")


# Constant by what they promise; real_if_close in its tolerance for real input; astype as of its
# second argument it only asks the dtype; isposinf and isneginf return the second, which is `out`.
CONSTANT = {np.zeros_like, np.ones_like, np.empty_like, np.real_if_close, np.astype,
            np.isposinf, np.isneginf}  # fmt: skip


def _floats(x: Any) -> bool:
    """Whether something plain with floating numbers is in the result."""
    if isinstance(x, (list, tuple)):
        return any(map(_floats, x))
    return isinstance(x, (float, np.ndarray, np.generic)) and np.asarray(x).dtype.kind in "fcO"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", list(_functions()))
def test_no_function_gives_a_silent_constant(function: Callable[..., Any]) -> None:
    """Called in every way its arguments may be arrays: what comes back records, has no floating
    numbers, or is an error."""
    if function in CONSTANT:
        return
    plain = np.array([0.3, 0.7])
    numbers = np.array([1, 0])
    for arguments in (
        lambda t: (t,), lambda t: (t, t), lambda t: (t, plain), lambda t: (plain, t),
        lambda t: ([t, t],), lambda t: (t, 1), lambda t: (t, 0, 1), lambda t: (1, t),
        lambda t: (t, t, t), lambda t: (plain, t, t),
        lambda t: (numbers, t), lambda t: (t, numbers), lambda t: (t, (2,)),
        lambda t: (plain > 0.5, t, t), lambda t: ("i,i->", t, t),
    ):  # fmt: skip
        try:
            out = function(*arguments(leaf([0.3, 0.7])))
        except (TypeError, ValueError, IndexError, AttributeError, NotImplementedError,
                RuntimeError, np.linalg.LinAlgError):  # fmt: skip
            continue
        assert not _floats(out), arguments(leaf([0.3, 0.7]))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix
@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.full_like(np.ones(2), t),
        lambda t: np.piecewise(np.ones(2), [np.array([True, False])], [t, t]),
        lambda t: np.put(np.ones(2), [0, 1], t),
        lambda t: np.copyto(np.ones(2), t),
        lambda t: np.place(np.ones(2), np.array([True, True]), t),
        lambda t: np.putmask(np.ones(2), np.array([True, True]), t),
        lambda t: np.fill_diagonal(np.ones((2, 2)), t),
        lambda t: np.pad(np.ones(2), 1, constant_values=t),
        lambda t: np.vectorize(lambda x: x)(t),
        lambda t: np.frompyfunc(lambda x: x, 1, 1)(t),
        lambda t: np.asarray(t),
        lambda t: np.ascontiguousarray(t),
        lambda t: np.array(t, dtype=object),
        lambda t: np.array([t, t], dtype=object),
        lambda t: np.ma.array(t),
        lambda t: np.matrix(t),
        lambda t: np.fromiter(t, float),
        lambda t: np.float64(t[0]),
        lambda t: np.random.default_rng(0).normal(t),
        lambda t: np.ones(2).dot(t),
        lambda t: np.ones(2).__setitem__(slice(None), t),
        lambda t: np.ones(2).__setitem__(0, t[0]),
        lambda t: np.ones(2).fill(t[0]),
        lambda t: np.ones(2).clip(t, 3),
    ],
)
def test_what_would_detach_refuses(call: Callable[[Tensor], Any]) -> None:
    """Each would otherwise return, or write, plain numbers that have lost their gradient."""
    with pytest.raises((TypeError, ValueError)):
        call(leaf([1.0, 2.0]))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (np.histogram_bin_edges, "np.histogram_bin_edges"),
        (np.subtract.reduce, "np.subtract.reduce"), (lambda t: np.add.at(t, 0, 1), "np.add.at"),
        (lambda t: np.add.reduceat(t, [0]), "np.add.reduceat"),
    ],
)  # fmt: skip
def test_a_function_without_a_rule_is_named(function: Callable[..., Any], name: str) -> None:
    for t in (leaf([1.0, 2.0]), Tensor([1.0, 2.0])):
        with refuses(TypeError, name, "operation", ".detach()"):
            function(t)


@pytest.mark.parametrize("name", ["invert", "bitwise_count", "add.reduce"])
def test_the_same_for_values(name: str) -> None:
    ufunc: Any = np
    for part in name.split("."):
        ufunc = getattr(ufunc, part)
    with refuses(TypeError, f"np.{name}", "Value"):
        ufunc(*[Value(1.0)] * getattr(ufunc, "nin", 1))


@pytest.mark.parametrize(
    "call",
    [
        lambda t, out: np.add(t, 1.0, out=out),
        lambda t, out: np.add(out, t, out=out),
        lambda t, out: np.exp(t, out),
        lambda t, out: np.exp(t, out=(out,)),
        lambda t, out: np.matmul(t, np.eye(2), out=out),
        lambda t, out: np.sum(t, axis=0, out=out),
        lambda t, out: np.dot(t, np.eye(2), out=out),
        lambda t, out: np.concatenate([t[:1], t[1:]], out=out),
        lambda t, out: np.stack([t[0], t[1]], out=out),
        lambda t, out: np.einsum("i,i->i", t, t, out=out),
        lambda t, out: np.take(t, [0, 1], out=out),
        lambda t, out: np.mean(t, axis=0, out=out),
        lambda t, out: np.floor(t, out=out),
        lambda t, out: np.add(np.ones(2), np.ones(2), out=t),
        lambda t, out: np.isposinf(out, t),
        lambda t, out: np.argmax(np.ones((2, 2)), 0, out=t),
    ],
)
def test_out_is_refused(call: Callable[[Tensor, Array], Any]) -> None:
    out = np.zeros(2)
    with refuses(TypeError, "out"):
        call(leaf([1.0, 2.0]), out)
    assert out.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: np.exp(t, where=np.array([True, False])), ["exp", "where"]),
        (lambda t: np.add(t, t, where=False), ["add", "where"]),
        (lambda t: np.nansum(t, where=np.array([True, False])), ["np.nansum", "where"]),
        (lambda t: np.std(t, dtype=np.float32), ["np.std", "dtype"]),
        (lambda t: np.exp(t, dtype=np.float32), ["exp", "dtype"]),
        (lambda t: np.reshape(t, (2,), copy=False), ["np.reshape", "copy"]),
        (lambda t: np.partition(t, 1, order="a"), ["np.partition", "order"]),
        (lambda t: np.logaddexp.reduce(t + 0j), ["logaddexp.reduce", "complex128"]),
    ],
)
def test_an_unsupported_argument_is_named(call: Callable[[Tensor], Any], words: list[str]) -> None:
    with refuses((TypeError, ValueError, NotImplementedError), *words):
        call(leaf([1.0, 2.0]))


def test_defaults_given_explicitly_are_fine() -> None:
    t = leaf([[1.0, 2.0], [3.0, 4.0]])
    assert np.sum(t, axis=None, dtype=None, out=None, keepdims=False).item() == 10.0
    assert np.sum(a=t, axis=0).tolist() == [4.0, 6.0]
    assert np.mean(t, 1, keepdims=True).shape == (2, 1)
    assert np.concatenate((t, t), axis=1).shape == (2, 4)
    assert np.var(t, ddof=1).item() == pytest.approx(5 / 3)
    assert np.exp(t, out=None).requires_grad


@pytest.mark.parametrize(
    "function",
    [np.sum, np.prod, np.mean, np.cumsum, np.cumprod, np.trace],
    ids=lambda f: f.__name__,
)
def test_the_dtype_to_compute_in(function: Any) -> None:
    x = np.array([[1.5, 2.25], [3.0, 4.5]], np.float32)
    for dtype in (np.float64, np.complex128):
        t = leaf(x)
        out = function(t, dtype=dtype)
        expected = function(x, dtype=dtype)
        assert out.dtype == expected.dtype == dtype
        np.testing.assert_allclose(out.numpy(), expected, rtol=1e-15)
        out.sum().backward(np.ones((), dtype))
        wide = leaf(x.astype(dtype))
        function(wide).sum().backward(np.ones((), dtype))
        assert t.grad.dtype == np.float32
        np.testing.assert_allclose(t.grad, wide.grad.real, rtol=1e-7)
    assert function(leaf(x), dtype=int).dtype == int  # rounded, and so plain


def test_functions_without_derivatives_give_plain_results() -> None:
    t = leaf([3.0, 1.0, 2.0])
    assert np.argmax(t) == 0
    assert np.argsort(t).tolist() == [1, 2, 0]
    assert np.isnan(t).tolist() == [False] * 3
    assert np.allclose(t, [3, 1, 2])
    assert np.array_equal(t, t)
    assert (np.shape(t), np.ndim(t), np.size(t)) == ((3,), 1, 3)
    assert np.any(t > 2)
    assert np.zeros_like(t).tolist() == [0.0] * 3
    assert type(np.zeros_like(t)) is np.ndarray
    assert np.nonzero(t > 1)[0].tolist() == [0, 2]


@pytest.mark.parametrize(
    "combine", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b,
                lambda a, b: a**b, lambda a, b: a @ b, np.maximum, np.dot],
)  # fmt: skip
def test_plain_arrays_on_either_side(combine: Callable[[Any, Any], Any]) -> None:
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    for left, right in (
        (leaf(a), a.T),
        (a.T, leaf(a)),
        (leaf(a), Tensor(a.T)),
        (Tensor(a.T), leaf(a)),
    ):
        out = combine(left, right)
        assert isinstance(out, Tensor)
        assert out.requires_grad
        expected = combine(*[x.numpy() if isinstance(x, Tensor) else x for x in (left, right)])
        np.testing.assert_array_equal(out.numpy(), expected)


def test_numpy_scalars_on_the_left() -> None:
    t, v = leaf([1.0, 2.0]), Value(2.0)
    assert (np.float64(3.0) * t).requires_grad
    assert type(np.float64(3.0) ** v) is Value
    assert (np.float32(2.0) * leaf([1.0], np.float32)).dtype == np.float32
    assert (np.float64(1.0) < v) is np.True_ or bool(np.float64(1.0) < v)


def test_signatures_follow_numpys() -> None:
    """Where both take a parameter of one name, it stands at the same place or by keyword."""
    import autograd

    for name in ("sum", "mean", "max", "min", "prod", "reshape", "swapaxes", "squeeze", "split",
                 "expand_dims", "broadcast_to", "stack", "take", "pad", "transpose"):  # fmt: skip
        ours = getattr(autograd, name)
        forward = getattr(ours, "forward", ours)
        mine = [p.name for p in inspect.signature(forward).parameters.values()
                if p.kind is not p.KEYWORD_ONLY]  # fmt: skip
        theirs = list(inspect.signature(getattr(np, name)).parameters)
        for place, parameter in enumerate(mine[1:], start=1):
            if parameter in theirs:
                assert theirs.index(parameter) == place or parameter == "mode", (name, parameter)

"""where: a branch that is masked out contributes exactly nothing, and no other zero does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import Tensor, gradients, where

from .helpers import leaf
from .numeric import spread

Function = Callable[[Any], Any]

SINGULAR: dict[str, Function] = {  # functions without a finite derivative at 0
    "sqrt": autograd.sqrt,
    "log": autograd.log,
    "reciprocal": lambda x: 1 / x,
    "power": lambda x: x**-1.5,
    "root": lambda x: x**0.5,
    "chain": lambda x: autograd.tanh(autograd.sqrt(x)) * 3,
    "two uses": lambda x: autograd.log(x) / autograd.sqrt(x),
    "overflow": lambda x: autograd.exp(autograd.exp(1 / x)),
}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy's forward pass


def slope(f: Function, at: float) -> float:
    x = leaf(at)
    return float(gradients(f(x), x)[0])


@pytest.mark.parametrize("f", SINGULAR.values(), ids=SINGULAR)
def test_a_masked_branch_contributes_exactly_nothing(f: Function) -> None:
    x = leaf([0.0, 4.0])
    where(x.data > 0, f(x), x * 7).sum().backward()
    assert x.grad.tolist() == [7.0, pytest.approx(slope(f, 4.0))]
    x = leaf([0.0, 4.0])
    where(x.data == 0, 7 * x, f(x)).sum().backward()
    assert x.grad.tolist() == [7.0, pytest.approx(slope(f, 4.0))]


@pytest.mark.parametrize("f", SINGULAR.values(), ids=SINGULAR)
def test_also_in_second_order(f: Function) -> None:
    x, y = leaf([0.0, 4.0]), leaf(4.0)
    (first,) = gradients(where(x.data > 0, f(x), x**3).sum(), x, create_graph=True)
    (alone,) = gradients(f(y), y, create_graph=True)
    (second,) = gradients((first * np.array([1.0, 10.0])).sum(), x)
    expected = gradients(alone, y)[0]
    assert second.tolist() == [0.0, pytest.approx(10 * float(expected))]


def test_what_is_not_masked_keeps_its_infinity() -> None:
    x = leaf([0.0, 4.0])
    where([True, False], autograd.sqrt(x), 0).sum().backward()
    assert x.grad.tolist() == [np.inf, 0.0]


def test_zero_times_infinity_outside_of_where_is_not_called_zero() -> None:
    x = leaf(0.0)
    (autograd.sqrt(x) ** 2).backward()
    assert np.isnan(x.grad)
    x = leaf(0.0)
    (autograd.sqrt(x) * 0).backward()
    assert np.isnan(x.grad)


def test_several_consumers_are_united() -> None:
    """The cotangent lives where any of its consumers lives."""
    x = leaf([0.0, 1.0, 4.0])
    root = autograd.sqrt(x)
    total = where([False, True, False], root, 0) + where([False, False, True], 3 * root, 0)
    total.sum().backward()
    assert x.grad.tolist() == [0.0, 0.5, 0.75]


@pytest.mark.parametrize("masked_first", [True, False])
def test_an_unmasked_consumer_lifts_the_mask(masked_first: bool) -> None:
    x = leaf([0.0, 4.0])
    root = autograd.sqrt(x)
    masked = where(x.data > 0, root, 0)
    total = masked + root if masked_first else root + masked
    total.sum().backward()
    assert x.grad.tolist() == [np.inf, 0.5]


def test_both_branches_of_one_tensor() -> None:
    x = leaf([0.0, 4.0])
    where(x.data > 0, autograd.sqrt(x), autograd.sqrt(4 - x)).sum().backward()
    assert x.grad.tolist() == [-0.25, 0.25]


def test_nested() -> None:
    x = leaf([0.0, 0.0, 4.0])
    inner = where([True, False, True], autograd.sqrt(x), 5 * x)
    where([False, True, True], inner, 3 * x).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0, 0.25]


def test_masks_that_broadcast() -> None:
    x = leaf([0.0, 4.0])
    out = where([[True], [False]], where(x.data > 0, autograd.sqrt(x), 0), np.ones((2, 2)))
    assert out.shape == (2, 2)
    out.sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]
    y = leaf([[0.0], [4.0]])
    where([[False, False], [True, False]], autograd.sqrt(y), 0).sum().backward()
    assert y.grad.tolist() == [[0.0], [0.25]]
    z = leaf(0.0)
    where([False, False], autograd.sqrt(z), 0).sum().backward()
    assert z.grad == 0.0


MOVES: dict[str, tuple[Function, Function]] = {  # how the branch is moved, and the mask with it
    "reshape": (lambda t: t.reshape(2, 2), lambda m: m.reshape(2, 2)),
    "ravel": (lambda t: t.reshape(2, 2).ravel(), lambda m: m),
    "expand": (lambda t: t.expand_dims(0), lambda m: m[None]),
    "squeeze": (lambda t: t.reshape(1, 4).squeeze(), lambda m: m),
    "transpose": (lambda t: t.reshape(2, 2).T, lambda m: m.reshape(2, 2).T),
    "swapaxes": (lambda t: t.reshape(2, 2).swapaxes(0, 1), lambda m: m.reshape(2, 2).T),
    "reverse": (lambda t: t[::-1], lambda m: m[::-1]),
    "gather": (lambda t: t[[3, 1, 0, 2]], lambda m: m[[3, 1, 0, 2]]),
    "take": (lambda t: t.take([0, 0, 1, 2, 3]), lambda m: m[[0, 0, 1, 2, 3]]),
    "broadcast": (lambda t: t.broadcast_to((3, 4)), lambda m: np.broadcast_to(m, (3, 4))),
    "concatenate": (lambda t: autograd.concatenate([t, t]), lambda m: np.concatenate([m, m])),
    "stack": (lambda t: autograd.stack([t, t]), lambda m: np.stack([m, m])),
    "pad": (lambda t: autograd.pad(t, 1), lambda m: np.pad(m, 1)),
    "astype": (lambda t: t.astype(np.float32), lambda m: m),
    "copy": (lambda t: t.copy(), lambda m: m),
}


@pytest.mark.parametrize(("move", "move_mask"), MOVES.values(), ids=MOVES)
def test_a_mask_follows_entries_that_are_moved(move: Function, move_mask: Function) -> None:
    x = leaf([0.0, 1.0, 4.0, 0.0])
    mask = move_mask(x.data > 0)
    where(mask, move(autograd.sqrt(x)), 0).sum().backward()
    times = move_mask(np.array([0.0, 1.0, 4.0, 0.0]))
    expected = [0.0, 0.5 * np.sum(times == 1), 0.25 * np.sum(times == 4), 0.0]
    assert x.grad.tolist() == expected


@pytest.mark.parametrize(("move", "move_mask"), MOVES.values(), ids=MOVES)
@given(mask=hnp.arrays(bool, 4), second=hnp.arrays(bool, 4), used_elsewhere=st.booleans())
def test_a_mask_never_takes_more_than_it_covers(
    move: Function, move_mask: Function, mask: Any, second: Any, used_elsewhere: bool
) -> None:
    """Where everything is finite, masking is multiplication by 0 and 1."""
    x, y = leaf([-1.0, 0.5, 1.0, 2.0]), leaf([-1.0, 0.5, 1.0, 2.0])
    m, n = move_mask(mask), move_mask(second)
    root = autograd.sin(x)
    out = where(m, move(root), 3.0) * 2 + where(n, move(root), move(root * root))
    root = autograd.sin(y)
    same = 3.0 * ~m * 2 + move(root) * m * 2 + move(root) * n + move(root * root) * ~n
    if used_elsewhere:
        out, same = out + autograd.tanh(x).sum(), same + autograd.tanh(y).sum()
    c = spread(out.shape, 7)
    for create_graph in (False, True):
        (found,) = gradients(out, x, c, create_graph=create_graph, retain_graph=True)
        (expected,) = gradients(same, y, c, create_graph=create_graph, retain_graph=True)
        if create_graph:
            found, expected = found.numpy(), expected.numpy()
        # A few units of rounding; one of the moves goes through float32.
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


WHOLE: dict[str, Function] = {
    "sum": lambda t: t.sum(),
    "mean": lambda t: t.mean(),
    "max": lambda t: t.max(),
    "prod": lambda t: t.prod(),
    "matmul": lambda t: t @ np.ones((2, 3)),
    "einsum": lambda t: autograd.einsum("i->", t),
    "softmax": lambda t: t.softmax(),
}


@pytest.mark.parametrize("f", WHOLE.values(), ids=WHOLE)
def test_a_branch_masked_out_wholly_contributes_nothing_through_anything(f: Function) -> None:
    x = leaf([0.0, 4.0])
    where(False, f(autograd.sqrt(x)), 2 * x.sum()).sum().backward()
    per_entry = 2.0 * f(Tensor([1.0, 1.0])).size
    assert x.grad.tolist() == [per_entry, per_entry]


def test_the_condition_may_be_anything_of_numpys_truth() -> None:
    x = leaf([1.0, 2.0])
    for condition in ([1, 0], [True, False], np.array([2.5, 0.0]), Tensor([1, 0]), x < 2):
        assert gradients(where(condition, x, -x).sum(), x)[0].tolist() == [1.0, -1.0]
        assert gradients(np.where(condition, x, -x).sum(), x)[0].tolist() == [1.0, -1.0]

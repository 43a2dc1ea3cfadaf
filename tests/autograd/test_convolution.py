"""Convolution and pooling: PyTorch's results, hard points, spellings and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, adaptive_avg_pool, avg_pool, conv, conv_transpose, gradients, max_pool
from autograd.ops.convolution_matrices import _block

from .helpers import leaf, refuses
from .numeric import spread
from .table.convolution import conv_shapes, pool_settings, positions_of

# --- against PyTorch ----------------------------------------------------------------------


def agree(ours: Any, theirs: Any, arrays: list[Any]) -> None:
    """Outputs and gradients of two functions of the same arrays are equal."""
    torch = pytest.importorskip("torch")
    xs, ts = [leaf(x) for x in arrays], [torch.tensor(x, requires_grad=True) for x in arrays]
    y, t = ours(*xs), theirs(*ts)
    np.testing.assert_allclose(y.numpy(), t.detach().numpy(), rtol=1e-10, atol=1e-12)
    c = spread(y.shape, 9)
    found = torch.autograd.grad(t, ts, torch.tensor(c))
    for g, e in zip(gradients(y, xs, c), found, strict=True):
        np.testing.assert_allclose(g, e.numpy(), rtol=1e-10, atol=1e-12)


def symmetric(padding: Any) -> tuple[int, ...]:
    return tuple(before for before, _ in padding)


@given(st.data())
def test_convolution_is_pytorchs(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    drawn = conv_shapes().filter(lambda s: 0 not in (*s[0], *s[1]))
    x, weight, _, params = data.draw(drawn)
    rank = len(x) - 2
    params["padding"] = symmetric(params["padding"])
    pairs = tuple((p, p) for p in params["padding"])
    if min(positions_of(x[2:], weight[2:], params["stride"], pairs, params["dilation"])) < 1:
        return
    theirs = getattr(functional, f"conv{rank}d")
    agree(
        lambda x, w: conv(x, w, **params),
        lambda x, w: theirs(x, w, **params),
        [spread(x, 1), spread(weight, 2)],
    )


@given(st.data())
def test_transposed_convolution_is_pytorchs(data: st.DataObject) -> None:
    functional = pytest.importorskip("torch").nn.functional
    drawn = conv_shapes().filter(lambda s: 0 not in (*s[1], *s[2]))
    _, weight, y, params = data.draw(drawn)
    params["padding"] = symmetric(params["padding"])
    steps = zip(params["stride"], params["dilation"], strict=True)
    params["output_padding"] = tuple(data.draw(st.integers(0, max(pair) - 1)) for pair in steps)
    axes = zip(y[2:], weight[2:], *map(params.get, ("stride", "dilation", "padding")), strict=True)  # type: ignore[arg-type]
    if any((n - 1) * s + d * (k - 1) + 1 <= 2 * p for n, k, s, d, p in axes):
        return
    theirs = getattr(functional, f"conv_transpose{len(y) - 2}d")
    agree(
        lambda x, w: conv_transpose(x, w, **params),
        lambda x, w: theirs(x, w, **params),
        [spread(y, 1), spread(weight, 2)],
    )


@given(st.data(), st.booleans())
def test_max_pooling_is_pytorchs(data: st.DataObject, ceil_mode: bool) -> None:
    functional = pytest.importorskip("torch").nn.functional
    drawn = pool_settings(dilated=False).filter(lambda s: 0 not in s[0])
    shape, params = data.draw(drawn)
    params |= {"padding": symmetric(params["padding"]), "ceil_mode": ceil_mode}
    theirs = getattr(functional, f"max_pool{len(shape) - 2}d")
    agree(lambda x: max_pool(x, **params), lambda x: theirs(x, **params), [spread(shape, 1)])


@given(st.data(), st.booleans(), st.booleans(), st.sampled_from([None, 3]))
def test_average_pooling_is_pytorchs(
    data: st.DataObject, ceil_mode: bool, include: bool, divisor: int | None
) -> None:
    functional = pytest.importorskip("torch").nn.functional
    drawn = pool_settings(dilated=False).filter(lambda s: 0 not in s[0])
    shape, params = data.draw(drawn)
    params |= {
        "padding": symmetric(params["padding"]),
        "ceil_mode": ceil_mode,
        "count_include_pad": include,
    }
    if len(shape) > 3:
        params["divisor_override"] = divisor
    theirs = getattr(functional, f"avg_pool{len(shape) - 2}d")
    agree(lambda x: avg_pool(x, **params), lambda x: theirs(x, **params), [spread(shape, 1)])


# --- recorded numbers, hard points --------------------------------------------------------


def test_a_convolution_worked_by_hand() -> None:
    x = leaf([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w = leaf([[[[1.0, 0.0], [0.0, -1.0]]]])
    out = conv(x, w, padding=((1, 0), (0, 1)), stride=(2, 1))
    assert out.numpy().tolist() == [[[[-2, -3, 0], [-4, -4, 6]]]]
    out.sum().backward()
    assert x.grad.tolist() == [[[[0, -1, -1], [1, 1, 1], [0, -1, -1]]]]
    assert w.grad.tolist() == [[[[15, 11], [30, 22]]]]


def test_same_padding_keeps_the_size() -> None:
    x, w = spread((2, 3, 5, 4), 1), spread((2, 3, 2, 3), 2)
    out = conv(x, w, padding="same", dilation=(1, 2))
    assert out.shape == (2, 2, 5, 4)
    expected = conv(x, w, padding=((0, 1), (2, 2)), dilation=(1, 2))
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(conv(x, w, padding="valid"), conv(x, w))


@pytest.mark.parametrize("stride", [1, 2])
def test_memory_order_does_not_matter(stride: int) -> None:
    x, w = spread((2, 4, 5, 6), 1), spread((4, 2, 3, 3), 2)
    expected = conv(x, w, stride=stride, groups=2)
    for order in [(0, 1, 2, 3), (3, 2, 1, 0), (2, 1, 3, 0), (1, 0, 3, 2)]:
        back = np.argsort(order)
        moved = [np.ascontiguousarray(a.transpose(order)).transpose(back) for a in (x, w)]
        leaves = [leaf(0 * a) for a in moved]
        for t, a in zip(leaves, moved, strict=True):
            t._array = a
        out = conv(*leaves, stride=stride, groups=2)
        np.testing.assert_allclose(out.numpy(), expected, rtol=1e-13, atol=1e-14)


def test_transposed_convolution_takes_a_bias() -> None:
    x, w, b = (leaf(spread(shape, i)) for i, shape in enumerate([(2, 3, 4), (3, 2, 2), (2,)]))
    out = conv_transpose(x, w, b, stride=2)
    np.testing.assert_array_equal(
        out.numpy(), (conv_transpose(x, w, stride=2) + b.reshape(2, 1)).numpy()
    )
    out.sum().backward()
    assert b.grad.tolist() == [16, 16]


def test_products_are_summed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, w = leaf(spread((2, 3, 7, 5), 1)), leaf(spread((4, 3, 3, 3), 2))
    out = conv(x, w)
    c = spread(out.shape, 3)
    (whole,) = gradients(out, w, c, retain_graph=True)
    monkeypatch.setattr(autograd.ops.convolution, "SCRATCH", 2 * w.nbytes)
    np.testing.assert_allclose(gradients(out, w, c)[0], whole, rtol=1e-13, atol=1e-14)


def test_products_are_taken_in_blocks_of_columns() -> None:
    x, w = spread((32, 16, 5, 12), 1), spread((32, 16, 3, 3), 2)
    assert _block(10 * 32, 32 * 16 * 9) == 160
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    expected = np.einsum("ncijkl,ockl->noij", windows, w, optimize=True)
    np.testing.assert_allclose(conv(x, w), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("width", "work", "block"),
    [(0, 5, 0), (64, 100, 64), (1024, 10_000, 64), (1000, 10_000, 1000), (1024, 10**6, 1024)],
)
def test_a_block_divides_the_columns_or_is_all(width: int, work: int, block: int) -> None:
    assert _block(width, work) == block


def test_a_single_sample_needs_no_batch_axis() -> None:
    x, w = spread((3, 6, 5), 1), spread((2, 3, 2, 2), 2)
    np.testing.assert_array_equal(conv(x, w), conv(x[None], w)[0])
    t = spread((2, 3, 2, 2), 3).swapaxes(0, 1)
    np.testing.assert_array_equal(conv_transpose(x, t), conv_transpose(x[None], t)[0])
    for pooled in (max_pool, avg_pool, adaptive_avg_pool):
        np.testing.assert_array_equal(pooled(x, (2, 2)), pooled(x[None], (2, 2))[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ties_share_the_gradient(dtype: Any) -> None:
    x = leaf([[[[1, 1, 0], [0, 1, 2]]]], dtype)
    max_pool(x, 2, stride=1).backward(np.array([[[[3, 5]]]], dtype))
    assert x.grad.tolist() == [[[[1, 1, 0], [0, 1, 5]]]]
    assert x.grad.dtype == dtype


def test_what_lost_gets_exactly_nothing() -> None:
    x = leaf([[[1.0, 2.0]]])
    max_pool(x, 2).backward([[[np.inf]]])
    assert x.grad.tolist() == [[[0.0, np.inf]]]


def test_a_nan_is_the_maximum() -> None:
    x = leaf([[[1.0, np.nan, 2.0, 3.0]]])
    out = max_pool(x, 2)
    np.testing.assert_array_equal(out.numpy(), [[[np.nan, 3.0]]])
    out.backward([[[2.0, 5.0]]])
    assert x.grad.tolist() == [[[0, 2, 0, 5]]]


def test_padding_never_wins() -> None:
    x = leaf([[[-np.inf, -3.0]]])
    out = max_pool(x, 2, stride=2, padding=1)
    assert out.numpy().tolist() == [[[-np.inf, -3.0]]]
    out.backward([[[2.0, 5.0]]])
    assert x.grad.tolist() == [[[2, 5]]]


def test_windows_of_different_lengths() -> None:
    out = adaptive_avg_pool(np.arange(5.0)[None, None], 3)
    np.testing.assert_allclose(out, [[[0.5, 2.0, 3.5]]], rtol=1e-15)
    x = spread((2, 3, 4, 6), 1)
    out = adaptive_avg_pool(x, (None, 2))
    np.testing.assert_allclose(out, x.reshape(2, 3, 4, 2, 3).mean(-1), rtol=1e-14)


def test_what_is_not_finite_stays_in_its_windows() -> None:
    x = np.zeros((1, 1, 4))
    x[..., 0] = np.inf
    assert adaptive_avg_pool(x, 3).tolist() == [[[np.inf, 0, 0]]]
    y = leaf(np.zeros((1, 1, 4)))
    adaptive_avg_pool(y, 3).backward([[[np.nan, 1.0, 1.0]]])
    np.testing.assert_equal(y.grad, [[[np.nan, np.nan, 1, 0.5]]])


# --- errors -------------------------------------------------------------------------------

X, W = np.ones((1, 2, 4, 4)), np.ones((3, 2, 3, 3))

ERRORS: list[tuple[Any, type[Exception], tuple[str, ...]]] = [
    (lambda: conv(X[0, 0], W), ValueError, ("conv", "(4, 4)", "(batch, channels, *size)")),
    (lambda: conv(X, W[:, :1]), ValueError, ("(1, 2, 4, 4)", "(3, 1, 3, 3)", "1 channels")),
    (lambda: conv(X, W, np.ones(2)), ValueError, ("bias of shape (2,)", "3 output channels")),
    (lambda: conv(X, W, groups=2), ValueError, ("3 output channels", "2 groups")),
    (lambda: conv(X, W, groups=0), ValueError, ("groups=0", "positive")),
    (lambda: conv(X, W, stride=0), ValueError, ("stride=0", "at least 1")),
    (lambda: conv(X, W, stride=(1, 1, 1)), ValueError, ("(1, 1, 1)", "2 spatial axes")),
    (lambda: conv(X, W, stride=1.5), TypeError, ("stride=1.5", "integer")),
    (lambda: conv(X, W, padding=-1), ValueError, ("padding=-1", "at least 0")),
    (lambda: conv(X, W, padding="full"), ValueError, ("padding='full'",)),
    (lambda: conv(X, W, padding="same", stride=2), ValueError, ("'same'", "stride 1")),
    (lambda: conv(X, W, dilation=2), ValueError, ("(5, 5)", "(4, 4)", "smaller")),
    (lambda: conv(X, W[..., :0]), ValueError, ("(3, 2, 3, 0)", "at least one entry")),
    (lambda: conv_transpose(X, W), ValueError, ("conv_transpose", "3 channels")),
    (lambda: conv_transpose(X, X.T[:2], output_padding=1), ValueError, ("output_padding=1",)),
    (lambda: conv_transpose(X, X.T[:2], padding=9), ValueError, ("padding=9", "pad less")),
    (lambda: max_pool(X, 5), ValueError, ("max_pool", "(5, 5)", "(4, 4)")),
    (lambda: max_pool(X, 2, padding=2), ValueError, ("padding=2", "half")),
    (lambda: max_pool(X.astype(int), 2), TypeError, ("max_pool", "int64", "astype(float)")),
    (lambda: avg_pool(X[0, 0, 0], 2), ValueError, ("avg_pool", "(4,)")),
    (lambda: avg_pool(X, (2, 2, 2, 2)), ValueError, ("(2, 2, 2, 2)", "each spatial axis")),
    (lambda: avg_pool(X, 2, divisor_override=0), ValueError, ("divisor_override=0",)),
    (lambda: adaptive_avg_pool(X, 0), ValueError, ("output_size=0", "at least 1")),
    (lambda: adaptive_avg_pool(X[..., :0], 1), ValueError, ("nothing to average",)),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors(number: int) -> None:
    call, kind, words = ERRORS[number]
    with refuses(kind, *words):
        call()


def test_results_are_plain_for_plain_arrays() -> None:
    assert isinstance(conv(X, W), np.ndarray)
    assert isinstance(max_pool(Tensor(X), 2), Tensor)
    assert max_pool(X.tolist(), 2).shape == (1, 2, 2, 2)


def test_a_nan_in_one_window_and_a_tie_in_another_keep_their_shares() -> None:
    """One maximum for each window on average, but not in each."""
    x = leaf([[[np.nan, 1.0, 3.0, 3.0, 5.0, 4.0]]])
    max_pool(x, 2).sum().backward()
    assert x.grad.tolist() == [[[1.0, 0.0, 0.5, 0.5, 1.0, 0.0]]]


@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 1)])
def test_the_memory_order_of_what_is_pooled_makes_no_difference(kernel: int, stride: int) -> None:
    """Ties, windows apart and overlapping; the cotangent is in another order than the input."""
    x = spread(np.zeros((3, 2, 6, 6)), 1).round()
    batch_last = np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)
    found = []
    for data in (x, batch_last):
        pooled, pullback = autograd.vjp(lambda t: max_pool(t, kernel, stride=stride), data)
        found.append(pullback(spread(pooled, 2))[0])
    np.testing.assert_array_equal(*found)
    assert (found[0] != 0).sum() > pooled.size / 2

"""Convolution and pooling."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd.ops import convolution, pooling

from ..strategies import Array, arrays, distinct
from .case import Example, add

# --- convolution: the three derivatives of one trilinear form, entry by entry -------------


def terms(size: Any, kernel: Any, positions: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """The (position, kernel entry, input entry) triples of the form."""
    for p in itertools.product(*map(range, positions)):
        for k in itertools.product(*map(range, kernel)):
            places = zip(p, k, stride, padding, dilation, strict=True)
            i = tuple(s * a + d * b - before for a, b, s, (before, _), d in places)
            if all(0 <= at < n for at, n in zip(i, size, strict=True)):
                yield p, k, i


def positions_of(
    size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[int, ...]:
    axes = zip(size, kernel, stride, padding, dilation, strict=True)
    return tuple((n + sum(pad) - d * (k - 1) - 1) // s + 1 for n, k, s, pad, d in axes)


def grouped(x: Array, groups: int, axis: int) -> Array:
    return x.reshape(*x.shape[:axis], groups, x.shape[axis] // groups, *x.shape[axis + 1 :])


EVERYWHERE = (slice(None),) * 3


def reference_conv(
    x: Array, weight: Array, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    geometry = (x.shape[2:], weight.shape[2:], stride, padding, dilation)
    positions = positions_of(*geometry)
    out = np.zeros((x.shape[0], weight.shape[0], *positions), np.result_type(x, weight))
    ys, xs, ws = grouped(out, groups, 1), grouped(x, groups, 1), grouped(weight, groups, 0)
    for p, k, i in terms(x.shape[2:], weight.shape[2:], positions, stride, padding, dilation):
        ys[(*EVERYWHERE, *p)] += np.einsum(
            "ngc,goc->ngo", xs[(*EVERYWHERE, *i)], ws[(*EVERYWHERE, *k)]
        )
    return out


def reference_transpose(
    y: Array, weight: Array, size: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    out = np.zeros((y.shape[0], weight.shape[1] * groups, *size), np.result_type(y, weight))
    ys, xs, ws = grouped(y, groups, 1), grouped(out, groups, 1), grouped(weight, groups, 0)
    for p, k, i in terms(size, weight.shape[2:], y.shape[2:], stride, padding, dilation):
        xs[(*EVERYWHERE, *i)] += np.einsum(
            "ngo,goc->ngc", ys[(*EVERYWHERE, *p)], ws[(*EVERYWHERE, *k)]
        )
    return out


def reference_by_weight(
    x: Array, y: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    shape = (y.shape[1], x.shape[1] // groups, *kernel)
    out = np.zeros(shape, np.result_type(x, y))
    ys, xs, ws = grouped(y, groups, 1), grouped(x, groups, 1), grouped(out, groups, 0)
    for p, k, i in terms(x.shape[2:], kernel, y.shape[2:], stride, padding, dilation):
        ws[(*EVERYWHERE, *k)] += np.einsum(
            "ngo,ngc->goc", ys[(*EVERYWHERE, *p)], xs[(*EVERYWHERE, *i)]
        )
    return out


@st.composite
def settings(draw: st.DrawFn) -> tuple[Any, ...]:
    """A kernel, settings, and a size with at least one position."""
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    most = 3 if rank < 3 else 2

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.lists(st.integers(low, high), min_size=rank, max_size=rank)))

    kernel, stride, dilation = each(1, most), each(1, most), each(1, 2)
    padding = tuple(zip(each(0, 2), each(0, 2), strict=True))
    spare = each(0, most)
    axes = zip(kernel, dilation, padding, spare, strict=True)
    size = tuple(max(1, d * (k - 1) + 1 - sum(p)) + e for k, d, p, e in axes)
    return size, kernel, stride, padding, dilation


@st.composite
def conv_shapes(draw: st.DrawFn) -> tuple[Any, ...]:
    """The shapes of x, weight and y, and the settings."""
    size, kernel, stride, padding, dilation = draw(settings())
    groups = draw(st.integers(1, 2))
    batch, channels, outputs = draw(st.tuples(*[st.integers(0, 2)] * 3))
    positions = positions_of(size, kernel, stride, padding, dilation)
    x = (batch, channels * groups, *size)
    weight = (outputs * groups, channels, *kernel)
    y = (batch, outputs * groups, *positions)
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, weight, y, params


@st.composite
def conv_examples(draw: st.DrawFn) -> Example:
    x, weight, _, params = draw(conv_shapes())
    return [draw(arrays(x)), draw(arrays(weight))], params


@st.composite
def transpose_examples(draw: st.DrawFn) -> Example:
    x, weight, y, params = draw(conv_shapes())
    return [draw(arrays(y)), draw(arrays(weight))], {"size": x[2:], **params}


@st.composite
def by_weight_examples(draw: st.DrawFn) -> Example:
    x, weight, y, params = draw(conv_shapes())
    return [draw(arrays(x)), draw(arrays(y))], {"kernel": weight[2:], **params}


add("conv", autograd.conv, reference_conv, conv_examples(), protocol=False, method="conv",
    complex=True)  # fmt: skip


@st.composite
def conv_bias_examples(draw: st.DrawFn) -> Example:
    xs, params = draw(conv_examples())
    return [*xs, draw(arrays((xs[1].shape[0],)))], params


def reference_conv_bias(x: Array, weight: Array, bias: Array, **params: Any) -> Array:
    axes = tuple(range(1, x.ndim - 1))
    total: Array = reference_conv(x, weight, **params) + np.expand_dims(bias, axes)
    return total


add("conv_bias", autograd.conv, reference_conv_bias, conv_bias_examples(), protocol=False,
    complex=True)  # fmt: skip
add("conv_transpose", convolution.conv_by_input, reference_transpose, transpose_examples(),
    protocol=False, complex=True)  # fmt: skip
add("conv_by_weight", convolution.conv_by_weight, reference_by_weight, by_weight_examples(),
    protocol=False, complex=True)  # fmt: skip

# --- pooling ------------------------------------------------------------------------------


def window_entries(
    x: Array, fill: float, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> Array:
    """Shape (kernel entries, *shape of the result)."""
    padded = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)
    positions = positions_of(x.shape[2:], kernel, stride, padding, dilation)
    out = np.empty((int(np.prod(kernel)), *x.shape[:2], *positions), x.dtype)
    for p in itertools.product(*map(range, positions)):
        for j, k in enumerate(itertools.product(*map(range, kernel))):
            at = [s * a + d * b for a, b, s, d in zip(p, k, stride, dilation, strict=True)]
            out[(j, slice(None), slice(None), *p)] = padded[(slice(None), slice(None), *at)]
    return out


def reference_max_pool(x: Array, kernel_size: Any, **params: Any) -> Array:
    found: Array = window_entries(x, -np.inf, kernel_size, **params).max(0)
    return found


def reference_avg_pool(x: Array, kernel_size: Any, stride: Any, padding: Any) -> Array:
    ones = (1,) * len(kernel_size)
    found: Array = window_entries(x, 0, kernel_size, stride, padding, ones).mean(0)
    return found


def reference_avg_unpool(
    x: Array, size: Any, kernel: Any, stride: Any, padding: Any, divisor: float
) -> Array:
    weight = np.ones((x.shape[1], 1, *kernel), x.dtype)
    ones = (1,) * len(kernel)
    return reference_transpose(x, weight, size, stride, padding, ones, x.shape[1]) / divisor


def reference_adaptive(x: Array, output_size: Any) -> Array:
    out = np.empty((*x.shape[:2], *output_size), x.dtype)
    for p in itertools.product(*map(range, output_size)):
        axes = list(zip(p, x.shape[2:], output_size, strict=True))
        window = tuple(slice(a * n // m, -(-(a + 1) * n // m)) for a, n, m in axes)
        part = x[(slice(None), slice(None), *window)]
        out[(slice(None), slice(None), *p)] = part.mean(tuple(range(2, x.ndim)))
    return out


@st.composite
def pool_settings(draw: st.DrawFn, dilated: bool) -> tuple[Any, dict[str, Any]]:
    size, kernel, stride, _, dilation = draw(settings())
    padding = tuple((draw(st.integers(0, k // 2)), draw(st.integers(0, k // 2))) for k in kernel)
    size = tuple(max(n, d * (k - 1) + 1) for n, k, d in zip(size, kernel, dilation, strict=True))
    params = {"kernel_size": kernel, "stride": stride, "padding": padding}
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 2)), *size)
    return shape, params | ({"dilation": dilation} if dilated else {})


@st.composite
def max_pool_examples(draw: st.DrawFn) -> Example:
    shape, params = draw(pool_settings(dilated=True))
    return draw(distinct(shape)), params


@st.composite
def avg_pool_examples(draw: st.DrawFn) -> Example:
    shape, params = draw(pool_settings(dilated=False))
    return [draw(arrays(shape))], params


@st.composite
def unpool_examples(draw: st.DrawFn) -> Example:
    shape, params = draw(pool_settings(dilated=False))
    kernel, stride, padding = params.values()
    positions = positions_of(shape[2:], kernel, stride, padding, (1,) * len(kernel))
    x = draw(arrays((*shape[:2], *positions)))
    return [x], {"size": shape[2:], "kernel": kernel, "stride": stride, "padding": padding,
                 "divisor": 2.0}  # fmt: skip


@st.composite
def adaptive_examples(draw: st.DrawFn) -> Example:
    rank = draw(st.integers(1, 3))
    sizes = [draw(st.tuples(*[st.integers(1, 4)] * rank)) for _ in range(2)]
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 2)), *sizes[0])
    return [draw(arrays(shape))], {"output_size": sizes[1]}


def even_matrix(size: int, windows: int) -> Array:
    """What takes the means of windows spread evenly, by its definition, entry by entry."""
    return np.array(
        [[j * windows < (i + 1) * size and i * size < (j + 1) * windows for j in range(size)]
         for i in range(windows)], float,
    )  # fmt: skip


def reference_even_means(x: Array, axis: int, windows: int) -> Array:
    matrix = even_matrix(x.shape[axis], windows)
    means = np.tensordot(matrix / matrix.sum(1, keepdims=True), x, (1, axis))
    return np.moveaxis(means, 0, axis).astype(x.dtype)


def reference_even_shares(x: Array, axis: int, size: int) -> Array:
    matrix = even_matrix(size, x.shape[axis])
    shares = np.tensordot(matrix / matrix.sum(1, keepdims=True), x, (0, axis))
    return np.moveaxis(shares, 0, axis).astype(x.dtype)


@st.composite
def even_examples(draw: st.DrawFn, wanted: str) -> Example:
    shape = draw(st.tuples(*[st.integers(1, 4)] * draw(st.integers(1, 3))))
    axis = draw(st.integers(0, len(shape) - 1))
    return [draw(arrays(shape))], {"axis": axis, wanted: draw(st.integers(1, 6))}


@st.composite
def winners_examples(draw: st.DrawFn) -> Example:
    """A tangent, and the inputs whose maxima decide where it is read, with ties."""
    shape, given = draw(pool_settings(dilated=True))
    params = {"kernel": given.pop("kernel_size"), **given}
    x = draw(arrays(shape, 0, 1))
    top = reference_max_pool(x, params["kernel"], **given)
    return [draw(arrays(shape))], {"x": x, "top": top, "size": shape[2:], **params}


def reference_of_winners(t: Array, x: Array, top: Array, size: Any, **params: Any) -> Array:
    del size
    won = window_entries(x, -np.inf, **params) == top
    total: Array = (won * window_entries(t, 0, **params)).sum(0)
    return total / won.sum(0).astype(t.dtype)


@st.composite
def to_winners_examples(draw: st.DrawFn) -> Example:
    [_], params = draw(winners_examples())
    return [draw(arrays(params["top"].shape))], params


def reference_to_winners(t: Array, x: Array, top: Array, size: Any, **params: Any) -> Array:
    """The transpose of the matrix of `reference_of_winners`."""
    eye = np.eye(x.size).reshape(x.size, *x.shape)
    rows = [reference_of_winners(e, x, top, size, **params) for e in eye]
    found: Array = np.array([(row * t).sum() for row in rows], t.dtype).reshape(x.shape)
    return found


add("max_pool", autograd.max_pool, reference_max_pool, max_pool_examples(), protocol=False,
    method="max_pool")  # fmt: skip
add("max_pool_winners", pooling._of_winners, reference_of_winners, winners_examples(),
    protocol=False)  # fmt: skip
add("max_unpool", pooling._to_winners, reference_to_winners, to_winners_examples(),
    protocol=False)  # fmt: skip
add("avg_pool", autograd.avg_pool, reference_avg_pool, avg_pool_examples(), protocol=False,
    method="avg_pool", complex=True)  # fmt: skip
add("avg_unpool", pooling._avg_unpool, reference_avg_unpool, unpool_examples(), protocol=False,
    complex=True)  # fmt: skip
add("even_means", pooling._even_means, reference_even_means, even_examples("windows"),
    protocol=False, complex=True)  # fmt: skip
add("even_shares", pooling._even_shares, reference_even_shares, even_examples("size"),
    protocol=False, complex=True)  # fmt: skip
add("adaptive_avg_pool", autograd.adaptive_avg_pool, reference_adaptive, adaptive_examples(),
    protocol=False, method="adaptive_avg_pool", covers="avg_pool", complex=True)  # fmt: skip

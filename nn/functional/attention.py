"""Attention (Vaswani et al., 2017, arXiv:1706.03762); PyTorch's names, arguments and masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, matmul, operation, reshape, sum, swapaxes, transpose

from ..settings import number, sizes
from .basic import dropout
from .checks import array, plain
from .fused import made_again, pulled_back, records

# --- masks ------------------------------------------------------------------------------


def causal_mask(steps: int, dtype: Any = np.float32) -> np.ndarray:
    """What is added to the scores so that no step attends to later ones: -inf above the diagonal.

    >>> from nn import functional as F
    >>> F.causal_mask(3)
    array([[  0., -inf, -inf],
           [  0.,   0., -inf],
           [  0.,   0.,   0.]], dtype=float32)
    """
    (steps,) = sizes("causal_mask", 0, steps=steps)
    return np.triu(np.full((steps, steps), -np.inf, dtype), 1)


def added_mask(mask: Any, dtype: Any, hidden: bool) -> Any:
    """A mask as what is added to scores: booleans become 0 and -inf.

    Args:
        mask: booleans, or numbers to add.
        dtype: of the scores.
        hidden: whether True hides a place (in layers), or shows it (in functions).
    """
    mask = mask if isinstance(mask, Tensor) else np.asarray(mask)
    if mask.dtype == bool:
        shown = ~plain(mask) if hidden else plain(mask)
        return np.where(shown, np.zeros((), dtype), np.array(-np.inf, dtype))
    if mask.dtype.kind != "f":
        raise TypeError(f"attention: a mask of dtype {mask.dtype}: give booleans, or floats to add")
    return mask.astype(dtype)


def _masked(scores: Any, mask: Any) -> Any:
    """The sum of both, once the mask broadcasts to the scores."""
    pairs = zip(mask.shape[::-1], scores.shape[::-1], strict=False)
    if mask.ndim > scores.ndim or any(m not in (1, n) for m, n in pairs):
        raise ValueError(
            f"attention: a mask of shape {mask.shape} for scores of shape {scores.shape}: give one "
            "that broadcasts to (..., targets, sources)"
        )
    return scores + mask


# --- the softmax of masked scores -------------------------------------------------------


def _weights(scores: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """The softmax of each row of scores + mask; zeros for a row that is -inf throughout."""
    rows, totals = _exponentials(scores, mask)
    rows /= totals[..., None]
    return rows


def _exponentials(scores: np.ndarray, mask: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """exp(scores + mask - c) and its sums, with a c for each row that keeps both in range.

    That is 0 where the scores are moderate, and then two passes are saved: the maximum of each
    short row takes NumPy longer than the exponentials.
    """
    ones = np.ones(scores.shape[-1], scores.dtype)  # sums at BLAS's speed
    if scores.dtype != np.float16 and scores.max(initial=-np.inf) < _MODERATE:
        with np.errstate(over="ignore"):  # a mask may add anything
            rows = np.exp(scores if mask is None else scores + mask)
            totals = rows @ ones
        if rows.size and totals.min() > 1 / _GREAT and totals.max() < _GREAT:
            return rows, totals
    if mask is not None:
        scores = scores + mask
    tops = scores.max(-1, keepdims=True, initial=-np.inf)
    tops[np.isneginf(tops)] = 0
    rows = scores - tops
    totals = np.exp(rows, out=rows) @ ones
    totals[totals == 0] = 1
    return rows, totals


# exp(40) is 2e17, and of a row with a total of 1e-20 float32 has what is down to 1e-18 of it.
_MODERATE, _GREAT = 40.0, 1e20


@operation(
    lambda g, out: out * (g - sum(g * out, axis=-1, keepdims=True)),
    name="attention_weights",
)
def _attention_weights(x: Any, /) -> Any:
    return _weights(x)


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    generator: np.random.Generator | None = None,
) -> Any:
    """softmax(query @ key.T / sqrt(features) + mask) @ value, over any leading axes.

    Args:
        query: shape (..., targets, features).
        key: shape (..., sources, features).
        value: shape (..., sources, width).
        attn_mask: of a shape that broadcasts to (..., targets, sources): True where a target may
            attend to a source, or numbers that are added to the scores.
        dropout_p: the probability that a weight is dropped.
        is_causal: whether no target attends to later sources; instead of a mask.
        scale: the factor of the products, 1/sqrt(features) by default.
        generator: a NumPy Generator for dropout.

    Returns:
        Shape (..., targets, width); zeros for a target that may attend to nothing.

    Raises:
        ValueError: for shapes that do not fit, or both a mask and is_causal.

    >>> import numpy as np
    >>> from nn import functional as F
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> F.scaled_dot_product_attention(x, x, x, is_causal=True)[0]
    array([1., 0.])
    """
    out, _ = attend(query, key, value, attn_mask, dropout_p, is_causal, scale, generator)
    return out


def attend(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any,
    dropout_p: float,
    is_causal: bool,
    scale: float | None,
    generator: np.random.Generator | None,
) -> tuple[Any, Any]:
    """`scaled_dot_product_attention` and the weights, after dropout."""
    query, key, value = array(query), array(key), array(value)
    if min(query.ndim, key.ndim, value.ndim) < 2 or query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"attention: queries of shape {query.shape}, keys {key.shape}, values {value.shape}: "
            "give (..., steps, features), with as many features of queries as of keys"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"attention: {key.shape[-2]} keys for {value.shape[-2]} values: give as many of each"
        )
    if is_causal:
        if attn_mask is not None:
            raise ValueError("attention: both attn_mask and is_causal: give one of them")
        attn_mask = np.tri(query.shape[-2], key.shape[-2], dtype=bool)
    scale = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else number(scale)
    scores = matmul(query * scale, swapaxes(key, -1, -2))
    if attn_mask is not None:
        scores = _masked(scores, added_mask(attn_mask, scores.dtype, hidden=False))
    weights = _attention_weights(scores)
    kept = dropout(weights, dropout_p, generator=generator) if dropout_p else weights
    return matmul(kept, value), kept


# --- self-attention: queries, keys and values side by side in one array ------------------


def heads_of(x: Any, heads: int, parts: int) -> Any:
    """(batch, steps, parts * heads * features) as (parts, batch, heads, steps, features)."""
    batch, steps, width = x.shape
    return transpose(reshape(x, (batch, steps, parts, heads, width // parts // heads)),
                     (2, 0, 3, 1, 4))  # fmt: skip


def joined(x: Any) -> Any:
    """(batch, heads, steps, features) as (batch, steps, heads * features)."""
    batch, heads, steps, features = x.shape
    return reshape(transpose(x, (0, 2, 1, 3)), (batch, steps, heads * features))


def _composed(x: Any, heads: int, mask: Any) -> Any:
    query, key, value = (heads_of(x, heads, 3)[part] for part in range(3))
    return joined(attend(query, key, value, mask, 0.0, False, None, None)[0])


Blocks = list[tuple[slice, slice]]


def _blocks(mask: np.ndarray | None, steps: int) -> Blocks:
    """Runs of queries, each with the keys up to the last it may see.

    What no query of a run may see need not be computed: half of all, where the mask is causal.
    """
    whole = [(slice(0, steps), slice(0, steps))]
    if mask is None or mask.shape != (steps, steps) or steps < 2 * _RUN:
        return whole
    blocks = []
    length = _RUN if steps <= 8 * _RUN else 2 * _RUN
    for start in range(0, steps, length):
        run = slice(start, min(start + length, steps))
        seen = np.flatnonzero(~np.isneginf(mask[run]).all(0))
        blocks.append((run, slice(0, int(seen[-1]) + 1 if seen.size else 1)))
    return blocks if min(keys.stop for _, keys in blocks) < steps else whole


_RUN = 32
"""Queries: for fewer at a time BLAS loses more than is saved."""


def _self_attention_x(g: Any, x: Any, weights: Any, heads: int, mask: Any) -> Any:
    if records(g, x):
        return pulled_back(lambda packed: _composed(packed, heads, mask), x, g)
    query, key, value = heads_of(x, heads, 3)
    (g,) = heads_of(g, heads, 1)
    batch, steps, width = x.shape
    grad = np.empty((batch, steps, 3, heads, width // 3 // heads), x.dtype)
    by_query, by_key, by_value = grad.transpose(2, 0, 3, 1, 4)
    scaled = g * np.asarray(1 / math.sqrt(query.shape[-1]), x.dtype)
    columns = _columns(value)
    blocks = sorted(zip(_blocks(mask, steps), weights, strict=True), key=_last_key, reverse=True)
    grad[:, _last_key(blocks[0]) :, 1:] = 0
    for (run, keys), w in blocks:
        scores = np.matmul(scaled[:, :, run], columns[..., keys])
        scores -= np.vecdot(scores, w)[..., None]
        scores *= w
        np.matmul(scores, key[:, :, keys], out=by_query[:, :, run])
        for by, left, right in (by_value, w, g), (by_key, scores, query):
            turned, rows = left.swapaxes(-1, -2), right[:, :, run]
            if w is blocks[0][1]:
                np.matmul(turned, rows, out=by[:, :, keys])
            else:
                by[:, :, keys] += np.matmul(turned, rows)
    return grad.reshape(x.shape)


def _last_key(block: tuple[tuple[slice, slice], np.ndarray]) -> int:
    (_, keys), _ = block
    stop: int = keys.stop
    return stop


@operation(_self_attention_x, name="self_attention", kept={"weights": made_again})
def _self_attention(x: Any, /, heads: int, mask: np.ndarray | None) -> Any:
    query, key, value = heads_of(x, heads, 3)
    batch, steps, width = x.shape
    scaled = query * np.asarray(1 / math.sqrt(query.shape[-1]), x.dtype)
    columns = _columns(key)
    out = np.empty((batch, steps, heads, width // 3 // heads), x.dtype)
    by_head = out.transpose(0, 2, 1, 3)
    weights = []
    blocks = _blocks(mask, steps)
    for run, keys in blocks:
        scores = np.matmul(scaled[:, :, run], columns[..., keys])
        part = mask if mask is None or len(blocks) == 1 else mask[run, keys]
        weights.append(_weights(scores, part))
        np.matmul(weights[-1], value[:, :, keys], out=by_head[:, :, run])
    return out.reshape(batch, steps, width // 3), tuple(weights)


def _columns(x: np.ndarray) -> np.ndarray:
    """The transposed matrices in memory of their own: with few features BLAS is sooner through."""
    return np.ascontiguousarray(x.swapaxes(-1, -2))


def self_attention(x: Any, heads: int, mask: np.ndarray | None = None) -> Any:
    """Attention of the steps of a sequence to each other as one operation.

    Args:
        x: queries, keys and values side by side, shape (batch, steps, 3 * heads * features).
        heads: into how many heads each is divided.
        mask: what is added to the scores, broadcasting to (batch, heads, steps, steps); plain.

    Returns:
        Shape (batch, steps, heads * features).
    """
    return _self_attention(x, heads, mask)

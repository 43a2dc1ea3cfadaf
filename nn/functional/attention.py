"""Attention (Vaswani et al., 2017, arXiv:1706.03762); PyTorch's names, arguments and masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, matmul, operation, reshape, sum, swapaxes, transpose

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


# --- the softmax of masked scores -------------------------------------------------------


def _weights(scores: np.ndarray) -> np.ndarray:
    """The softmax of each row, in place; zeros for a row that is -inf throughout."""
    top = scores.max(-1, keepdims=True, initial=-np.inf)
    if not np.isfinite(top).all():
        top[np.isneginf(top)] = 0
    scores -= top
    np.exp(scores, out=scores)
    total = (scores @ np.ones(scores.shape[-1], scores.dtype))[..., None]  # at BLAS's speed
    if not total.all():
        total[total == 0] = 1
    scores /= total
    return scores


@operation(
    lambda g, out: out * (g - sum(g * out, axis=-1, keepdims=True)),
    name="attention_weights",
)
def _attention_weights(x: Any, /) -> Any:
    return _weights(x.copy())


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
    """`scaled_dot_product_attention` and the weights."""
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
    scale = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else scale
    scores = matmul(query * scale, swapaxes(key, -1, -2))
    if attn_mask is not None:
        scores = scores + added_mask(attn_mask, scores.dtype, hidden=False)
    weights = _attention_weights(scores)
    kept = dropout(weights, dropout_p, generator=generator) if dropout_p else weights
    return matmul(kept, value), weights


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


def _self_attention_x(g: Any, x: Any, weights: Any, heads: int, mask: Any) -> Any:
    if records(g, x):
        return pulled_back(lambda packed: _composed(packed, heads, mask), x, g)
    query, key, value = heads_of(x, heads, 3)
    (g,) = heads_of(g, heads, 1)
    batch, steps, width = x.shape
    grad = np.empty((batch, steps, 3, heads, width // 3 // heads), x.dtype)
    by_query, by_key, by_value = grad.transpose(2, 0, 3, 1, 4)
    np.matmul(weights.swapaxes(-1, -2), g, out=by_value)
    scores = np.matmul(g, value.swapaxes(-1, -2))
    scores -= np.vecdot(scores, weights)[..., None]
    scores *= weights
    scores *= 1 / math.sqrt(query.shape[-1])
    np.matmul(scores, key, out=by_query)
    np.matmul(scores.swapaxes(-1, -2), query, out=by_key)
    return grad.reshape(x.shape)


@operation(_self_attention_x, name="self_attention", kept={"weights": made_again})
def _self_attention(x: Any, /, heads: int, mask: np.ndarray | None) -> Any:
    query, key, value = heads_of(x, heads, 3)
    scores = np.matmul(query * np.asarray(1 / math.sqrt(query.shape[-1]), x.dtype),
                       key.swapaxes(-1, -2))  # fmt: skip
    if mask is not None:
        scores += mask
    weights = _weights(scores)
    out = np.empty((x.shape[0], x.shape[1], heads, query.shape[-1]), x.dtype)
    np.matmul(weights, value, out=out.transpose(0, 2, 1, 3))
    return out.reshape(*x.shape[:2], -1), weights


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

"""Multi-head attention; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, mean

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.attention import added_mask, attend, heads_of, joined, self_attention
from .functional.checks import layer_input, operand
from .init import generator_or_default, xavier_uniform
from .layers import Linear
from .module import Module, Parameter
from .settings import probability, sizes


class MultiheadAttention(Module):
    """Attention in several heads on parts of the features (Vaswani et al., 2017).

    Args:
        embed_dim: features of queries and output.
        num_heads: how many heads; a divisor of embed_dim.
        dropout: the probability that a weight is dropped in training.
        bias: whether to add biases.
        add_bias_kv, add_zero_attn: not supported.
        kdim: features of keys; embed_dim by default.
        vdim: features of values; embed_dim by default.
        batch_first: whether the first axis is the batch, not the steps.
        generator: a NumPy Generator for the initial values and for dropout.
        dtype: of the parameters.

    Raises:
        TypeError: for inputs of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.MultiheadAttention(8, 2, batch_first=True)
    >>> x = np.ones((4, 5, 8), np.float32)
    >>> output, weights = layer(x, x, x)
    >>> output.shape, weights.shape
    ((4, 5, 8), (4, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if add_bias_kv or add_zero_attn:
            raise NotImplementedError(
                "MultiheadAttention: add_bias_kv and add_zero_attn are not supported: append to "
                "the sequences of keys and values instead"
            )
        name = "MultiheadAttention"
        embed_dim, num_heads = sizes(name, embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: embed_dim={embed_dim} does not divide into {num_heads} "
                "heads: give a divisor"
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.dropout = probability(name, dropout, "dropout")
        self.kdim, self.vdim = sizes(
            name,
            kdim=embed_dim if kdim is None else kdim,
            vdim=embed_dim if vdim is None else vdim,
        )
        self.batch_first = batch_first
        generator_or_default(generator)  # an error now rather than in the first step
        self.generator = generator

        def weight(rows: int, columns: int) -> Parameter:
            return Parameter(xavier_uniform((rows, columns), generator=generator, dtype=dtype))

        self._packed = self.kdim == self.vdim == embed_dim
        if self._packed:
            self.in_proj_weight = weight(3 * embed_dim, embed_dim)
        else:
            self.q_proj_weight = weight(embed_dim, embed_dim)
            self.k_proj_weight = weight(embed_dim, self.kdim)
            self.v_proj_weight = weight(embed_dim, self.vdim)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, generator=generator, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias = Parameter(np.zeros(embed_dim, dtype))

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """What each query gathers, and the weights.

        Args:
            query: shape (targets, batch, embed_dim); with batch_first (batch, targets, embed_dim);
                or without a batch (targets, embed_dim). So are the next two.
            key: shape (sources, batch, kdim).
            value: shape (sources, batch, vdim).
            key_padding_mask: shape (batch, sources): True for sources that are hidden, or numbers
                that are added to the scores.
            need_weights: whether to return the weights; without them it is faster.
            attn_mask: shape (targets, sources) or (batch * num_heads, targets, sources): True
                where a source is hidden from a target, or numbers that are added to the scores.
            average_attn_weights: whether to return the mean of the heads' weights.
            is_causal: whether no target attends to later sources; attn_mask goes before it.

        Returns:
            The output, of the shape of `query`; and the weights after dropout, shape (batch,
            targets, sources), or (batch, num_heads, targets, sources) without the average, or
            None. A target from which all is hidden gathers zeros.
        """
        same = query is key and key is value
        query, key, value = self._checked(query, key, value)
        batched = query.ndim == 3
        if not batched:
            query, key, value = (x.reshape((1, *x.shape)) for x in (query, key, value))
        elif not self.batch_first:
            query, key, value = (x.swapaxes(0, 1) for x in (query, key, value))
        if key.shape[:2] != value.shape[:2] or key.shape[0] != query.shape[0]:
            raise ValueError(
                f"MultiheadAttention: queries of shape {query.shape}, keys {key.shape}, values "
                f"{value.shape} (batch first): they must have one batch, keys and values as many "
                "steps"
            )
        lengths = (query.shape[0], query.shape[1], key.shape[1])
        mask = self._mask(lengths, key_padding_mask, attn_mask, is_causal, query.dtype)
        plain_mask = None if isinstance(mask, Tensor) else mask
        weights = None
        if same and self._packed and not need_weights and plain_mask is mask and not self._drops:
            packed = F.linear(query, self.in_proj_weight, self.in_proj_bias)
            out = self_attention(packed, self.num_heads, plain_mask)
        else:
            q, k, v = self._projected(query, key, value, same)
            rate = self.dropout if self.training else 0.0
            gathered, weights = attend(q, k, v, mask, rate, False, None, self.generator)
            out = joined(gathered)
        out = self.out_proj(out)
        weights = self._shown(weights, average_attn_weights, batched) if need_weights else None
        if not batched:
            return out[0], weights
        return (out if self.batch_first else out.swapaxes(0, 1)), weights

    @property
    def _drops(self) -> bool:
        return self.training and self.dropout > 0

    def _checked(self, *inputs: Any) -> list[Any]:
        checked = [
            layer_input("MultiheadAttention", x, self.out_proj.weight, what)
            for x, what in zip(inputs, ("query", "key", "value"), strict=True)
        ]
        widths = (self.embed_dim, self.kdim, self.vdim)
        shapes = tuple(x.shape for x in checked)
        for x, width in zip(checked, widths, strict=True):
            if x.ndim != checked[0].ndim or x.ndim not in (2, 3) or x.shape[-1] != width:
                order = "batch, steps" if self.batch_first else "steps, batch"
                raise ValueError(
                    f"MultiheadAttention: queries, keys and values of shapes {shapes}: give "
                    f"({order}, features) or (steps, features), with {widths} features"
                )
        return checked

    def _mask(
        self, lengths: tuple[int, int, int], padding: Any, attn_mask: Any, causal: bool, dtype: Any
    ) -> Any:
        """All masks as one that is added to the scores, or None."""
        batch, targets, sources = lengths
        total: Any = None
        if attn_mask is None and causal:
            attn_mask = ~np.tri(targets, sources, dtype=bool)
        if attn_mask is not None:
            attn_mask = operand(attn_mask)
            shape = attn_mask.shape
            if shape == (batch * self.num_heads, targets, sources):
                attn_mask = attn_mask.reshape((batch, self.num_heads, targets, sources))
            elif shape != (targets, sources):
                raise ValueError(
                    f"MultiheadAttention: attn_mask of shape {shape}: give ({targets}, {sources}) "
                    f"or ({batch * self.num_heads}, {targets}, {sources})"
                )
            total = added_mask(attn_mask, dtype, hidden=True)
        if padding is not None:
            shape = tuple(np.shape(padding))
            if shape not in ((batch, sources), (sources,)[: batch == 1]):
                raise ValueError(
                    f"MultiheadAttention: key_padding_mask of shape {shape}: give "
                    f"({batch}, {sources}), True for sources that are hidden"
                )
            padding = added_mask(padding, dtype, hidden=True).reshape((batch, 1, 1, sources))
            total = padding if total is None else total + padding
        return total

    def _projected(self, query: Any, key: Any, value: Any, same: bool) -> list[Any]:
        """Queries, keys and values of each head: (batch, heads, steps, features)."""
        heads, n = self.num_heads, self.embed_dim
        if same and self._packed:
            packed = heads_of(F.linear(query, self.in_proj_weight, self.in_proj_bias), heads, 3)
            return [packed[part] for part in range(3)]
        projected = []
        for i, x in enumerate((query, key, value)):
            rows = slice(i * n, (i + 1) * n)
            if self._packed:
                weight = self.in_proj_weight[rows]
            else:
                weight = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)[i]
            bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
            projected.append(heads_of(F.linear(x, weight, bias), heads, 1)[0])
        return projected

    def _shown(self, weights: Any, average: bool, batched: bool) -> Any:
        if average:
            weights = mean(weights, axis=1)
        return weights if batched else weights[0]

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Those of the input projections and of the products of queries, keys, weights, values."""
        del output
        query, key, value = inputs[:3]
        rows = [int(np.size(x)) // int(np.shape(x)[-1]) for x in (query, key, value)]
        widths = (self.embed_dim, self.kdim, self.vdim)
        projections = sum(r * w * self.embed_dim for r, w in zip(rows, widths, strict=True))
        steps = 1 if self.batch_first and np.ndim(key) == 3 else 0
        return projections + 2 * rows[0] * int(np.shape(key)[steps]) * self.embed_dim


def generate_square_subsequent_mask(sz: int, dtype: Any = np.float32) -> np.ndarray:
    """The mask with which no step attends to later ones, PyTorch's `nn.Transformer` has it.

    >>> import nn
    >>> nn.generate_square_subsequent_mask(2)
    array([[  0., -inf],
           [  0.,   0.]], dtype=float32)
    """
    return F.causal_mask(sz, dtype)

"""The encoder of a transformer, and encodings of positions; PyTorch's names and arguments."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from . import functional as F  # noqa: N812  (the field's name for it)
from .attention import MultiheadAttention
from .containers import ModuleList
from .functional.checks import layer_input
from .init import normal
from .layers import Dropout, Linear
from .module import Module, Parameter
from .normalization import LayerNorm
from .settings import sizes


class TransformerEncoderLayer(Module):
    """Self-attention and a network of two layers, each with a way around it and normalisation.

    Vaswani et al., 2017; with `norm_first` as in Xiong et al., 2020, arXiv:2002.04745.

    Args:
        d_model: features of the input.
        nhead: heads of the attention.
        dim_feedforward: features between the two layers.
        dropout: its probability, at four places.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: added to variances.
        batch_first: whether the first axis is the batch, not the steps.
        norm_first: whether normalisation comes before the attention and the network, not after.
        bias: whether there are biases.
        generator: a NumPy Generator for the initial values and for dropout.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    >>> layer(np.ones((4, 5, 8), np.float32), is_causal=True).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if isinstance(activation, str):
            known: dict[str, Callable[[Any], Any]] = {"relu": F.relu, "gelu": F.gelu}
            if activation not in known:
                raise ValueError(
                    f"TransformerEncoderLayer: activation {activation!r}: use 'relu', 'gelu' or a "
                    "function"
                )
            activation = known[activation]
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, generator=generator, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, generator=generator, dtype=dtype)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, generator=generator, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, generator=generator)
        self.dropout2 = Dropout(dropout, generator=generator)
        self.activation = activation

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """Shape (steps, batch, d_model), or as `batch_first` says, to the same.

        Args:
            src: the sequences.
            src_mask: `attn_mask` of `MultiheadAttention.forward`.
            src_key_padding_mask: its `key_padding_mask`.
            is_causal: whether no step attends to later ones; src_mask goes before it.
        """
        x = layer_input("TransformerEncoderLayer", src, self.linear1.weight, "src")
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self._attention(self.norm1(x), *masks)
            return x + self._network(self.norm2(x))
        x = self.norm1(x + self._attention(x, *masks))
        return self.norm2(x + self._network(x))

    def _attention(self, x: Any, mask: Any, padding: Any, is_causal: bool) -> Any:
        out, _ = self.self_attn(
            x, x, x, padding, need_weights=False, attn_mask=mask, is_causal=is_causal
        )
        return self.dropout1(out)

    def _network(self, x: Any) -> Any:
        hidden = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(hidden))


class TransformerEncoder(Module):
    """Several encoder layers, one after the other.

    Args:
        encoder_layer: the layer, of which each is a copy; its generator is shared.
        num_layers: how many.
        norm: a normalisation at the end, or None.

    >>> import numpy as np
    >>> import nn
    >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), num_layers=2)
    >>> encoder(np.ones((5, 4, 8), np.float32)).shape
    (5, 4, 8)
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        (self.num_layers,) = sizes("TransformerEncoder", 0, num_layers=num_layers)
        if not isinstance(encoder_layer, Module):
            raise TypeError(
                f"TransformerEncoder: encoder_layer {encoder_layer!r:.60} is no module: give a "
                "TransformerEncoderLayer, or another module with its arguments"
            )
        # Copied generators would have one state, and all layers drop the same places.
        shared = {id(generator): generator for generator in encoder_layer.generators()}
        copies = [copy.deepcopy(encoder_layer, dict(shared)) for _ in range(self.num_layers)]
        self.layers = ModuleList(copies)
        self.norm = norm

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """Shape (steps, batch, features), or as the layers say, to the same."""
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, is_causal)
        return x if self.norm is None else self.norm(x)


class _PositionalEncoding(Module):
    """What both share: the encodings of the first steps are added."""

    def __init__(
        self,
        d_model: int,
        max_len: int,
        dropout: float,
        batch_first: bool,
        generator: np.random.Generator | None,
    ) -> None:
        (self.d_model,) = sizes(type(self).__name__, d_model=d_model)
        (self.max_len,) = sizes(type(self).__name__, 0, max_len=max_len)
        self.batch_first = batch_first
        self.dropout = Dropout(dropout, generator=generator)

    def _encodings(self) -> Any:
        raise NotImplementedError(type(self).__name__)

    def forward(self, input: Any) -> Any:
        """Shape (steps, batch, d_model), as `batch_first` says, or without batch, to the same."""
        encodings = self._encodings()
        input = layer_input(type(self).__name__, input, encodings)
        time = int(self.batch_first and input.ndim == 3)
        steps = input.shape[time] if input.ndim in (2, 3) else np.inf
        if steps > self.max_len or input.shape[-1] != self.d_model:
            raise ValueError(
                f"{type(self).__name__}: an input of shape {input.shape}: give at most "
                f"{self.max_len} steps of {self.d_model} features"
            )
        chosen = encodings[:steps]
        if input.ndim == 3 and not self.batch_first:
            chosen = chosen.reshape((steps, 1, self.d_model))
        return self.dropout(input + chosen)

    def extra_repr(self) -> str:
        return f"{self.d_model}, max_len={self.max_len}"


class SinusoidalPositionalEncoding(_PositionalEncoding):
    """Adds to each step sines and cosines of its position (Vaswani et al., 2017, section 3.5).

    Args:
        d_model: features of the input.
        max_len: the most steps there may be.
        dropout: its probability, after the sum.
        batch_first: whether the first axis is the batch, not the steps.
        generator: a NumPy Generator for dropout.
        dtype: of the encodings.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.SinusoidalPositionalEncoding(4)(np.zeros((2, 4), np.float32))[1].round(3)
    array([0.841, 0.54 , 0.01 , 1.   ], dtype=float32)
    """

    def __init__(
        self,
        d_model: int,
        max_len: int = 5000,
        dropout: float = 0.0,
        batch_first: bool = False,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(d_model, max_len, dropout, batch_first, generator)
        d_model, max_len = self.d_model, self.max_len
        rates = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
        angles = np.arange(max_len)[:, None] * rates
        encodings = np.empty((max_len, d_model), dtype)
        encodings[:, ::2] = np.sin(angles)
        encodings[:, 1::2] = np.cos(angles[:, : d_model // 2])
        self.register_buffer("encodings", encodings, persistent=False)

    encodings: np.ndarray

    def _encodings(self) -> Any:
        return self.encodings


class LearnedPositionalEncoding(_PositionalEncoding):
    """Adds to each step a vector of its position that is trained.

    Args:
        d_model: features of the input.
        max_len: the most steps there may be.
        dropout: its probability, after the sum.
        batch_first: whether the first axis is the batch, not the steps.
        generator: a NumPy Generator for the initial values, normal with standard deviation 0.02,
            and for dropout.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> nn.LearnedPositionalEncoding(4, max_len=16)(np.zeros((2, 4), np.float32)).shape
    (2, 4)
    """

    def __init__(
        self,
        d_model: int,
        max_len: int = 5000,
        dropout: float = 0.0,
        batch_first: bool = False,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(d_model, max_len, dropout, batch_first, generator)
        d_model, max_len = self.d_model, self.max_len
        vectors = normal((max_len, d_model), std=0.02, generator=generator, dtype=dtype)
        self.weight = Parameter(vectors)

    def _encodings(self) -> Any:
        return self.weight

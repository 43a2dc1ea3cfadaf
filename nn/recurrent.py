"""Recurrent layers; PyTorch's names, arguments, shapes and initialisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import concatenate

from . import functional as F  # noqa: N812  (the field's name for it)
from .functional.checks import layer_input
from .functional.recurrent import recurrent
from .functional.through_time import GATES
from .init import generator_or_default, linear_bound, uniform
from .module import Module, Parameter
from .settings import probability, sizes


def _joined(parts: Sequence[Any], axis: int) -> Any:
    """The parts as one, without an operation where there is but one."""
    return parts[0] if len(parts) == 1 else concatenate(parts, axis=axis)


class _Recurrent(Module):
    """What all share: parameters, layers, directions and the order of axes."""

    kind: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        name = type(self).__name__
        self.input_size, self.hidden_size, self.num_layers = sizes(
            name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers
        )
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = probability(name, dropout, "dropout")
        self.bidirectional = bidirectional
        generator_or_default(generator)  # an error now rather than in the first step
        self.generator = generator
        bound = linear_bound(self.hidden_size)
        for layer in range(self.num_layers):
            for direction in range(self._directions):
                for name, shape in self._shapes(layer, direction):
                    values = uniform(shape, bound, generator=generator, dtype=dtype)
                    setattr(self, name, Parameter(values))

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _shapes(self, layer: int, direction: int) -> list[tuple[str, tuple[int, ...]]]:
        """PyTorch's names of the parameters of a layer in a direction, and their shapes."""
        rows = GATES[self.kind] * self.hidden_size
        width = self.hidden_size * self._directions if layer else self.input_size
        end = f"_l{layer}{'_reverse' * direction}"
        shapes = [("weight_ih" + end, (rows, width)), ("weight_hh" + end, (rows, self.hidden_size))]
        return shapes + [("bias_ih" + end, (rows,)), ("bias_hh" + end, (rows,))] * self.bias

    def _weights(self, layer: int, direction: int) -> tuple[Any, ...]:
        """The parameters of a layer in a direction, once they fit together.

        All become one flat array, in which a wrong shape would not be noticed.
        """
        found: list[Any] = []
        dtype: Any = getattr(self.weight_ih_l0, "dtype", None)
        for name, shape in self._shapes(layer, direction):
            weight = getattr(self, name)
            if weight is None or weight.shape != shape:
                given = "is None" if weight is None else f"has shape {weight.shape}"
                raise ValueError(
                    f"{type(self).__name__}: {name} {given}, and the layer's sizes ask for "
                    f"{shape}: assign a Parameter of that shape, or make the layer anew"
                )
            if weight.dtype is not dtype and weight.dtype != dtype:
                raise TypeError(
                    f"{type(self).__name__}: {name} of dtype {weight.dtype} beside weight_ih_l0 of "
                    f"{dtype}: convert the layer with .to({dtype.name!r})"
                )
            found.append(weight)
        return tuple(found)

    weight_ih_l0: Parameter

    def _state(self, what: str, given: Any, batch: int, batched: bool) -> Any:
        """The given state, or zeros, of shape (layers * directions, batch, hidden_size)."""
        first = self.weight_ih_l0
        count = self.num_layers * self._directions
        if given is None:
            return np.zeros((count, batch, self.hidden_size), first.dtype)
        given = layer_input(type(self).__name__, given, first, what)
        wanted = (count, batch, self.hidden_size) if batched else (count, self.hidden_size)
        if given.shape != wanted:
            raise ValueError(
                f"{type(self).__name__}: {what} of shape {given.shape}: give one of shape {wanted}"
            )
        return given if batched else given.reshape((count, 1, self.hidden_size))

    def _run(self, input: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        """The output, and the last state (and cell) of each layer and direction."""
        places = [(n, d) for n in range(self.num_layers) for d in range(self._directions)]
        weights = [self._weights(*place) for place in places]
        input = layer_input(type(self).__name__, input, self.weight_ih_l0)
        time = int(self.batch_first and input.ndim == 3)
        if input.ndim not in (2, 3) or input.shape[-1] != self.input_size or input.shape[time] == 0:
            order = "(batch, steps, " if self.batch_first else "(steps, batch, "
            raise ValueError(
                f"{type(self).__name__}: an input of shape {input.shape}: give {order}"
                f"{self.input_size}), or (steps, {self.input_size}), with at least one step"
            )
        batched = input.ndim == 3
        x = input if batched else input.reshape((input.shape[0], 1, self.input_size))
        if batched and self.batch_first:
            x = x.swapaxes(0, 1)
        names = ("h_0", "c_0")
        states = tuple(
            self._state(name, given, x.shape[1], batched)
            for name, given in zip(names, states, strict=False)
        )
        last = []
        for layer in range(self.num_layers):
            if layer:
                x = F.dropout(x, self.dropout, self.training, generator=self.generator)
            outputs = []
            for direction in range(self._directions):
                place = layer * self._directions + direction
                sequence = x[::-1] if direction else x
                state = tuple(s[place] for s in states)
                out = recurrent(self.kind, sequence, state, weights[place])
                steps = x.shape[0]
                hidden = out[:steps] if len(states) > 1 else out
                last.append((out[steps - 1 : steps], out[steps:])[: len(states)])
                outputs.append(hidden[::-1] if direction else hidden)
            x = _joined(outputs, axis=-1)
        finals = [_joined(parts, axis=0) for parts in zip(*last, strict=True)]
        if not batched:
            return (x[:, 0], *[final[:, 0] for final in finals])
        return (x.swapaxes(0, 1) if self.batch_first else x, *finals)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The states of the last layer, and the last state of each.

        Args:
            input: shape (steps, batch, input_size), (batch, steps, input_size) with
                batch_first, or (steps, input_size).
            hx: the first state, shape (num_layers * directions, batch, hidden_size); zeros by
                default.

        Returns:
            The output, shape (steps, batch, directions * hidden_size), ordered as the input; and
            the last states, of the shape of `hx`.
        """
        output, state = self._run(input, (hx,))
        return output, state

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """One for each entry of the weights, example and step."""
        del output
        rows = int(np.size(inputs[0])) // self.input_size
        return rows * sum([int(p.size) for p in self.parameters() if p.ndim == 2])

    def extra_repr(self) -> str:
        parts = [f"{self.input_size}, {self.hidden_size}"]
        ordinary = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
                    "bidirectional": False}  # fmt: skip
        for what, default in ordinary.items():
            if getattr(self, what) != default:
                parts.append(f"{what}={getattr(self, what)}")
        return ", ".join(parts)


class RNN(_Recurrent):
    """h' = tanh(weight_ih x + bias_ih + weight_hh h + bias_hh) over a sequence (Elman, 1990).

    Args:
        input_size: features of the input.
        hidden_size: features of the state.
        num_layers: how many layers, each on the states of the one before.
        nonlinearity: "tanh" or "relu".
        bias: whether to add biases.
        batch_first: whether the first axis is the batch, not the steps.
        dropout: its probability between the layers.
        bidirectional: whether a second set of layers goes from the end to the start.
        generator: a NumPy Generator for the initial values, uniform in +-1/sqrt(hidden_size), and
            for dropout.
        dtype: of the parameters.

    Raises:
        TypeError: for an input of another dtype; ValueError: for shapes that do not fit.

    >>> import numpy as np
    >>> import nn
    >>> output, h_n = nn.RNN(3, 5)(np.zeros((7, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((7, 2, 5), (1, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        generator: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity={nonlinearity!r}: use 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity
        self.kind = f"RNN_{nonlinearity.upper()}"
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            generator=generator, dtype=dtype,
        )  # fmt: skip


class GRU(_Recurrent):
    """Gated recurrent units over a sequence (Cho et al., 2014); arguments as those of `RNN`.

    >>> import numpy as np
    >>> import nn
    >>> output, h_n = nn.GRU(3, 5, num_layers=2)(np.zeros((7, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((7, 2, 5), (2, 2, 5))
    """

    kind = "GRU"


class LSTM(_Recurrent):
    """Long short-term memory over a sequence (Hochreiter & Schmidhuber, 1997).

    Arguments are those of `RNN`; the state is a pair of the state and the cell.

    >>> import numpy as np
    >>> import nn
    >>> layer = nn.LSTM(3, 5, bidirectional=True, batch_first=True)
    >>> output, (h_n, c_n) = layer(np.zeros((2, 7, 3), np.float32))
    >>> output.shape, h_n.shape, c_n.shape
    ((2, 7, 10), (2, 2, 5), (2, 2, 5))
    """

    kind = "LSTM"

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, tuple[Any, Any]]:
        """The states of the last layer, and the last state and cell of each.

        Args:
            input: shape (steps, batch, input_size), (batch, steps, input_size) with
                batch_first, or (steps, input_size).
            hx: the pair of the first state and cell, each of shape
                (num_layers * directions, batch, hidden_size); zeros by default.

        Returns:
            The output, shape (steps, batch, directions * hidden_size), ordered as the input; and
            the pair of the last states and cells.
        """
        if hx is not None and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            raise TypeError("LSTM: the state is a pair (h_0, c_0): give both")
        output, state, cell = self._run(input, (None, None) if hx is None else tuple(hx))
        return output, (state, cell)

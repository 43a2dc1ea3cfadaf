"""Networks of scalar Values with micrograd's interface."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Value, dot

from .activations import ReLU
from .containers import Sequential
from .layers import Linear
from .module import Module, Parameter
from .settings import sizes


class Neuron(Module):
    """One unit: the weighted sum of its inputs plus a bias, through ReLU where `nonlin`.

    Weights start uniform in [-1, 1), drawn from Python's `random`; the bias at 0.

    >>> import nn
    >>> neuron = nn.Neuron(2)
    >>> neuron
    ReLUNeuron(2)
    >>> len(neuron.parameters())
    3
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        (nin,) = sizes("Neuron", 0, nin=nin)
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin

    def forward(self, x: Sequence[Value | float]) -> Value:
        """The unit's output for `x`, as many numbers or Values as it has weights."""
        if len(x) != len(self.w):
            raise ValueError(
                f"Neuron: {len(x)} inputs for {len(self.w)} weights: give one for each weight"
            )
        activation: Value = dot(self.w, x) + self.b
        return activation.relu() if self.nonlin else activation

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """One for each weight."""
        del inputs, output
        return len(self.w)

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons side by side on the same `nin` inputs.

    >>> import nn
    >>> len(nn.Layer(2, 3)([1.0, -1.0]))
    3
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        (nout,) = sizes("Layer", 0, nout=nout)
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def forward(self, x: Sequence[Value | float]) -> Value | list[Value]:
        """The list of the neurons' outputs; of a single neuron the output itself."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """Layers one after the other, ReLU after all but the last.

    Args:
        nin: how many inputs.
        nouts: the number of units of each layer; the last is the number of outputs.

    >>> import nn
    >>> model = nn.MLP(2, [16, 16, 1])
    >>> len(model.parameters())
    337
    >>> type(model([1.0, -2.0])).__name__
    'Value'
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        self.layers = [
            Layer(sizes[i], sizes[i + 1], nonlin=i != len(nouts) - 1) for i in range(len(nouts))
        ]

    def forward(self, x: Sequence[Value | float]) -> Value | list[Value]:
        """The output for `x`: a Value, or a list of them where the last layer has several."""
        out: Any = x
        for layer in self.layers:
            out = layer([out] if isinstance(out, Value) else out)
        result: Value | list[Value] = out
        return result

    def to_tensors(self) -> Sequential:
        """The same network on Tensors: Linear layers in double precision, ReLU between them.

        The weights are copied; training one of the two does not change the other. It takes
        arrays of shape (..., nin) to (..., nouts[-1]), also where the MLP gives a single Value.

        Raises:
            ValueError: where only some neurons of a layer are followed by ReLU.

        >>> import numpy as np
        >>> import nn
        >>> model = nn.MLP(2, [3, 1])
        >>> x = [1.0, -2.0]
        >>> bool(np.isclose(model.to_tensors()(np.array(x)).item(), model(x).item()))
        True
        """
        stages: list[Module] = []
        for i, layer in enumerate(self.layers):
            neurons = layer.neurons
            if len({neuron.nonlin for neuron in neurons}) > 1:
                raise ValueError(
                    f"to_tensors: layer {i} has neurons with and without ReLU: a tensor model "
                    "has one activation for all of a layer"
                )
            weight = np.array([[w.data for w in neuron.w] for neuron in neurons])
            # A generator of its own, so that the shared one goes on as if nothing had been drawn.
            linear = Linear(*weight.T.shape, generator=np.random.default_rng(0), dtype=float)
            linear.weight.data = np.asfortranarray(weight)
            linear.bias = Parameter([neuron.b.data for neuron in neurons])
            stages += [linear, ReLU()] if neurons[0].nonlin else [linear]
        return Sequential(*stages)

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"

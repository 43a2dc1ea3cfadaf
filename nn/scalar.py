"""Networks of scalar Values with micrograd's interface."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, dot

from .module import Module


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

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons side by side on the same `nin` inputs.

    >>> import nn
    >>> len(nn.Layer(2, 3)([1.0, -1.0]))
    3
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
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

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"

"""A network of neurons over any scalar type: the operations of micrograd's, in their order."""

from collections.abc import Callable, Sequence
from typing import Any


class Neuron:
    """A weighted sum, added up term by term onto the bias, and perhaps a ReLU."""

    def __init__(self, value: Callable[[float], Any], inputs: int, relu: bool) -> None:
        self.w = [value(0.0) for _ in range(inputs)]
        self.b = value(0.0)
        self.relu = relu

    def __call__(self, x: Sequence[Any]) -> Any:
        """Return the activation."""
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=False)), self.b)
        return act.relu() if self.relu else act

    def parameters(self) -> list[Any]:
        """Return the weights, then the bias."""
        return [*self.w, self.b]


class Layer:
    """Neurons side by side; a lone one gives its bare output."""

    def __init__(
        self, value: Callable[[float], Any], inputs: int, outputs: int, relu: bool
    ) -> None:
        self.neurons = [Neuron(value, inputs, relu) for _ in range(outputs)]

    def __call__(self, x: Sequence[Any]) -> Any:
        """Return the neurons' outputs."""
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Any]:
        """Return the parameters neuron by neuron."""
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    """Layers in a row, all but the last with ReLU."""

    def __init__(self, value: Callable[[float], Any], inputs: int, outputs: Sequence[int]) -> None:
        sizes = [inputs, *outputs]
        self.layers = [
            Layer(value, sizes[i], sizes[i + 1], relu=i + 1 < len(outputs))
            for i in range(len(outputs))
        ]

    def __call__(self, x: Any) -> Any:
        """Return the last layer's output."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """Return the parameters layer by layer."""
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of the step before."""
        for p in self.parameters():
            p.grad = 0

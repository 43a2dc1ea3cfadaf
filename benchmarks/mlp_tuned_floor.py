"""The floor again, with what profiling it on these three networks gained.

Buffers on cache lines, scores class by class in memory, sums as products with ones, flat indices,
and Adam's moments without the factors that can join its scalars.
"""

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from benchmarks.mlp_problem import BETA1, BETA2, EPSILON, LEARNING_RATE, Floats, Problem

ZERO = np.float32(0)


class Layer(NamedTuple):
    """Views of one layer's parameters and gradients, and its buffers."""

    inputs: Floats
    weight: Floats
    bias: Floats
    outputs: Floats
    outputs_gradient: Floats
    weight_gradient: Floats
    bias_gradient: Floats
    active: NDArray[np.bool_]  # which inputs passed the ReLU below
    inputs_gradient: Floats | None  # None at the bottom, where nobody asks for it


def aligned(
    shape: tuple[int, ...], dtype: DTypeLike = np.float32, order: Literal["C", "F"] = "C"
) -> NDArray[Any]:
    """Return zeros that begin on a cache line, on which NumPy's loops run faster."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape, order=order)


class TunedFloor:
    """ReLU network, cross-entropy and Adam in preallocated buffers."""

    def __init__(self, problem: Problem) -> None:
        total = sum(weight.size + bias.size for weight, bias in problem.layers)
        self.parameters, self.gradient = aligned((total,)), aligned((total,))
        self.moment, self.square = aligned((total,)), aligned((total,))
        self.scratch = aligned((total,))
        self.steps = 0

        rows = len(problem.x)
        self.layers: list[Layer] = []
        inputs, inputs_gradient = aligned(problem.x.shape), None
        inputs[:] = problem.x
        begin = 0
        for weight, bias in problem.layers:
            middle, end = begin + weight.size, begin + weight.size + bias.size
            # The scores lie class by class, so that the maximum and the sum over the classes
            # are taken for many rows at once.
            order: Literal["C", "F"] = "F" if end == total else "C"
            layer = Layer(
                inputs=inputs,
                weight=self.parameters[begin:middle].reshape(weight.shape),
                bias=self.parameters[middle:end],
                outputs=aligned((rows, bias.size), order=order),
                outputs_gradient=aligned((rows, bias.size), order=order),
                weight_gradient=self.gradient[begin:middle].reshape(weight.shape),
                bias_gradient=self.gradient[middle:end],
                active=aligned(inputs.shape, bool),
                inputs_gradient=inputs_gradient,
            )
            layer.weight[:], layer.bias[:] = weight, bias
            self.layers.append(layer)
            inputs, inputs_gradient, begin = layer.outputs, layer.outputs_gradient, end

        self.y = problem.y
        self.scores, self.scores_gradient = layer.outputs, layer.outputs_gradient
        self.flat_scores, self.flat_gradient = self.scores.T.ravel(), self.scores_gradient.T.ravel()
        self.labelled = np.empty(rows, np.intp)
        self.row_numbers = np.arange(rows)
        self.at_labels = aligned((rows,))
        self.column, self.logarithms = aligned((rows, 1)), aligned((rows, 1))
        self.ones = np.ones(rows, np.float32)
        self.rows, self.one_row = np.float32(rows), np.float32(1 / rows)

    def step(self) -> None:
        """Train once on the batch."""
        self._forward()
        self.loss = self._cross_entropy()
        self._backward()
        self._adam()

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""
        return float(self.loss)

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients."""
        return [g for layer in self.layers for g in (layer.weight_gradient, layer.bias_gradient)]

    def _forward(self) -> None:
        for inputs, weight, bias, outputs, *_ in self.layers:
            np.matmul(inputs, weight, out=outputs)
            np.add(outputs, bias, out=outputs)
            if outputs is not self.scores:
                np.maximum(outputs, ZERO, out=outputs)

    def _cross_entropy(self) -> np.float32:
        """Return the mean loss and leave its gradient with respect to the scores."""
        scores, gradient, column = self.scores, self.scores_gradient, self.column
        np.maximum.reduce(scores, axis=1, keepdims=True, out=column)
        np.subtract(scores, column, out=scores)
        np.exp(scores, out=gradient)
        np.add.reduce(gradient, axis=1, keepdims=True, out=column)

        labelled, at_labels = self.labelled, self.at_labels
        np.multiply(self.y, len(self.y), out=labelled)
        np.add(labelled, self.row_numbers, out=labelled)
        # "clip" is the mode in which take writes straight into the buffer.
        self.flat_scores.take(labelled, out=at_labels, mode="clip")
        np.log(column, out=self.logarithms)
        difference = np.add.reduce(self.logarithms, axis=None) - np.add.reduce(at_labels)

        np.multiply(column, self.rows, out=column)
        np.divide(gradient, column, out=gradient)
        self.flat_gradient.take(labelled, out=at_labels, mode="clip")
        np.subtract(at_labels, self.one_row, out=at_labels)
        self.flat_gradient[labelled] = at_labels
        return np.float32(difference / self.rows)

    def _backward(self) -> None:
        ones = self.ones
        for inputs, weight, _, _, gradient, of_weight, of_bias, active, of_inputs in reversed(
            self.layers
        ):
            np.matmul(inputs.T, gradient, out=of_weight)
            np.dot(ones, gradient, out=of_bias)
            if of_inputs is not None:
                np.matmul(gradient, weight.T, out=of_inputs)
                np.greater(inputs, ZERO, out=active)
                np.multiply(of_inputs, active, out=of_inputs)

    def _adam(self) -> None:
        """PyTorch's formula, with both moments kept without the factor (1 - beta).

        That factor, the bias corrections and the learning rate are then two scalars.
        """
        self.steps += 1
        root = math.sqrt((1 - BETA2) / (1 - BETA2**self.steps))
        rate = LEARNING_RATE * (1 - BETA1) / ((1 - BETA1**self.steps) * root)
        gradient, moment, square = self.gradient, self.moment, self.square
        update = self.scratch
        np.multiply(moment, BETA1, out=moment)
        np.add(moment, gradient, out=moment)
        np.multiply(gradient, gradient, out=update)
        np.multiply(square, BETA2, out=square)
        np.add(square, update, out=square)
        np.sqrt(square, out=update)
        np.add(update, EPSILON / root, out=update)
        np.divide(moment, update, out=update)
        np.multiply(update, rate, out=update)
        np.subtract(self.parameters, update, out=self.parameters)

"""The floor: the training step written by hand in NumPy, with preallocated buffers.

Formula by formula as in the textbooks, every result in a buffer of its own (`out=`), parameters
and gradients as views of one flat array each, so that Adam is one update.
"""

import math

import numpy as np

from benchmarks.mlp_problem import BETA1, BETA2, EPSILON, LEARNING_RATE, Floats, Problem


class Floor:
    """ReLU network, cross-entropy and Adam in preallocated buffers."""

    def __init__(self, problem: Problem) -> None:
        total = sum(weight.size + bias.size for weight, bias in problem.layers)
        self.parameters, self.gradient = np.empty((2, total), np.float32)
        self.moment, self.square = np.zeros((2, total), np.float32)
        self.scratch, self.update = np.empty((2, total), np.float32)
        self.steps = 0

        self.x, self.y = problem.x, problem.y
        self.rows = np.arange(len(self.y))
        self.column = np.empty((len(self.y), 1), np.float32)
        self.weights: list[Floats] = []
        self.biases: list[Floats] = []
        self.weight_gradients: list[Floats] = []
        self.bias_gradients: list[Floats] = []
        self.outputs: list[Floats] = []
        self.output_gradients: list[Floats] = []
        self.active = [np.empty((len(self.y), bias.size), bool) for _, bias in problem.layers]
        begin = 0
        for weight, bias in problem.layers:
            middle, end = begin + weight.size, begin + weight.size + bias.size
            self.weights.append(self.parameters[begin:middle].reshape(weight.shape))
            self.biases.append(self.parameters[middle:end])
            self.weight_gradients.append(self.gradient[begin:middle].reshape(weight.shape))
            self.bias_gradients.append(self.gradient[middle:end])
            self.weights[-1][:], self.biases[-1][:] = weight, bias
            self.outputs.append(np.empty((len(self.y), bias.size), np.float32))
            self.output_gradients.append(np.empty((len(self.y), bias.size), np.float32))
            begin = end

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
        pairs = zip(self.weight_gradients, self.bias_gradients, strict=True)
        return [gradient for pair in pairs for gradient in pair]

    def _forward(self) -> None:
        inputs = self.x
        for weight, bias, outputs in zip(self.weights, self.biases, self.outputs, strict=True):
            np.matmul(inputs, weight, out=outputs)
            np.add(outputs, bias, out=outputs)
            if outputs is not self.outputs[-1]:
                np.maximum(outputs, 0, out=outputs)
            inputs = outputs

    def _cross_entropy(self) -> np.float32:
        """Return the mean loss and leave its gradient with respect to the scores."""
        scores, gradient, column = self.outputs[-1], self.output_gradients[-1], self.column
        np.max(scores, axis=1, keepdims=True, out=column)
        np.subtract(scores, column, out=scores)
        np.exp(scores, out=gradient)
        np.sum(gradient, axis=1, keepdims=True, out=column)
        np.divide(gradient, column, out=gradient)
        np.log(column, out=column)
        loss = np.mean(column) - np.mean(scores[self.rows, self.y])
        gradient[self.rows, self.y] -= 1
        np.divide(gradient, len(self.y), out=gradient)
        return np.float32(loss)

    def _backward(self) -> None:
        for i in reversed(range(len(self.weights))):
            inputs = self.outputs[i - 1] if i else self.x
            gradient = self.output_gradients[i]
            np.matmul(inputs.T, gradient, out=self.weight_gradients[i])
            np.sum(gradient, axis=0, out=self.bias_gradients[i])
            if i:
                below, active = self.output_gradients[i - 1], self.active[i - 1]
                np.matmul(gradient, self.weights[i].T, out=below)
                np.greater(inputs, 0, out=active)
                np.multiply(below, active, out=below)

    def _adam(self) -> None:
        """PyTorch's formula."""
        self.steps += 1
        gradient, moment, square = self.gradient, self.moment, self.square
        scratch, update = self.scratch, self.update
        np.multiply(moment, BETA1, out=moment)
        np.multiply(gradient, 1 - BETA1, out=scratch)
        np.add(moment, scratch, out=moment)
        np.multiply(square, BETA2, out=square)
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(scratch, 1 - BETA2, out=scratch)
        np.add(square, scratch, out=square)
        np.sqrt(square, out=scratch)
        np.divide(scratch, math.sqrt(1 - BETA2**self.steps), out=scratch)
        np.add(scratch, EPSILON, out=scratch)
        np.divide(moment, scratch, out=update)
        np.multiply(update, LEARNING_RATE / (1 - BETA1**self.steps), out=update)
        np.subtract(self.parameters, update, out=self.parameters)

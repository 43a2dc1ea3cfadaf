"""Workloads in the way of HIPS autograd's examples: run by it and by chainrule, from this text.

Nothing here imports the rest of the benchmarks, as HIPS autograd, whose package has the same
name, runs it in a process of its own.
"""

import itertools
import json
import sys
import time

import numpy

import autograd.numpy as np
from autograd import grad, hessian_tensor_product, jacobian
from autograd.misc.flatten import flatten

_RNG = numpy.random.RandomState(0)
HVP_AT = _RNG.randn(1000), _RNG.randn(1000)
JACOBIAN_AT = _RNG.randn(100, 100) / 10, _RNG.randn(100)
NET = [(_RNG.randn(m, n) * 0.5, _RNG.randn(n) * 0.1) for m, n in itertools.pairwise([1, 8, 8, 1])]


def _logistic_regression():
    """Full-batch descent on a toy set."""
    inputs = numpy.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30],
                          [0.74, -2.49, 1.39]])  # fmt: skip
    targets = numpy.array([True, True, False, True])

    def loss(weights):
        predictions = 0.5 * (np.tanh(np.dot(inputs, weights)) + 1)
        return -np.sum(np.log(predictions * targets + (1 - predictions) * (1 - targets)))

    def step():
        weights = numpy.zeros(3)
        for _ in range(20):
            weights = weights - grad(loss)(weights) * 0.01
        return weights

    return step


def _neural_net():
    """Gradients of a small regression network with a list of (W, b) as parameters."""
    x = numpy.linspace(-4, 4, 80).reshape(-1, 1)
    y = numpy.cos(x)

    def loss(params):
        h = x
        for weight, bias in params[:-1]:
            h = np.tanh(np.dot(h, weight) + bias)
        weight, bias = params[-1]
        penalty = 0.0
        for w, b in params:
            penalty = penalty + np.sum(w**2) + np.sum(b**2)
        return np.mean((np.dot(h, weight) + bias - y) ** 2) + 0.01 * penalty

    return lambda: flatten(grad(loss)(NET))[0]


def _ode():
    """The gradient of where a pendulum is after 100 steps of Euler's method."""

    def end(start):
        angle, speed = start[0], start[1]
        for _ in range(100):
            angle, speed = angle + 0.01 * speed, speed - 0.01 * np.sin(angle)
        return angle**2 + speed**2

    start = numpy.array([1.0, 0.5])
    return lambda: grad(end)(start)


def _rosenbrock_hvp():
    """A Hessian-vector product in 1,000 dimensions."""
    product = hessian_tensor_product(rosenbrock)
    return lambda: product(*HVP_AT)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def _jacobian():
    """All derivatives of a map from 100 numbers to 100."""
    a, x = JACOBIAN_AT
    matrix = jacobian(lambda x: np.tanh(np.dot(a, x)))
    return lambda: matrix(x)


PROGRAMS = {
    "logistic regression": _logistic_regression,
    "neural net": _neural_net,
    "ODE loop": _ode,
    "hvp of Rosenbrock, 1,000": _rosenbrock_hvp,
    "jacobian, 100 to 100": _jacobian,
}


def main() -> None:
    """Answer requests on standard input, one a line: `check NAME` or `time NAME BLOCK`."""
    for line in sys.stdin:
        request, name, *block = line.rstrip("\n").split("\t")
        step = PROGRAMS[name]()
        if request == "check":
            print(json.dumps(numpy.asarray(step()).tolist()), flush=True)
        else:
            step()
            begin = time.perf_counter()
            for _ in range(int(block[0])):
                step()
            print((time.perf_counter() - begin) / int(block[0]), flush=True)


if __name__ == "__main__":
    main()

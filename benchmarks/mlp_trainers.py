"""The same training step in chainrule and in each of its peers, written as its users would."""

import math
from functools import cache
from typing import Any

import numpy as np

import nn
from benchmarks import peers
from benchmarks.mlp_problem import BETA1, BETA2, EPSILON, LEARNING_RATE, Floats, Problem


class Chainrule:
    """Our layers and optimizer."""

    def __init__(self, problem: Problem) -> None:
        modules: list[nn.Module] = []
        for weight, _ in problem.layers:
            modules += [nn.Linear(*weight.shape), nn.ReLU()]
        self.model = nn.Sequential(*modules[:-1])
        arrays = [array for layer in problem.layers for array in layer]
        for parameter, array in zip(self.model.parameters(), arrays, strict=True):
            parameter.data = array.T.copy()
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = nn.optim.Adam(self.model.parameters(), lr=LEARNING_RATE)
        self.x, self.y = problem.x, problem.y

    def step(self) -> None:
        """Train once on the batch."""
        self.optimizer.zero_grad()
        self.loss = self.criterion(self.model(self.x), self.y)
        self.loss.backward()
        self.optimizer.step()

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""
        return float(self.loss.data)

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients."""
        return [np.asarray(p.grad).T for p in self.model.parameters()]


class Torch:
    """PyTorch eager; the options are those of torch.optim.Adam."""

    def __init__(self, problem: Problem, **options: bool) -> None:
        torch = peers.load("torch")
        modules: list[Any] = []
        for weight, _ in problem.layers:
            modules += [torch.nn.Linear(*weight.shape), torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*modules[:-1])
        arrays = [array for layer in problem.layers for array in layer]
        for parameter, array in zip(self.model.parameters(), arrays, strict=True):
            parameter.data = torch.tensor(array.T.copy())
        self.criterion = torch.nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE, **options)
        self.x, self.y = torch.tensor(problem.x), torch.tensor(problem.y)

    def step(self) -> None:
        """Train once on the batch."""
        self.optimizer.zero_grad()
        self.loss = self.criterion(self.model(self.x), self.y)
        self.loss.backward()
        self.optimizer.step()

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""
        return float(self.loss.detach())

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients."""
        return [p.grad.numpy().T for p in self.model.parameters()]


class Jax:
    """JAX with the whole step, including Adam, compiled by jax.jit."""

    def __init__(self, problem: Problem) -> None:
        jnp = peers.load("jax.numpy")
        self.x, self.y = jnp.asarray(problem.x), jnp.asarray(problem.y)
        parameters = [jnp.array(p) for layer in problem.layers for p in layer]
        zeros = [jnp.zeros_like(p) for p in parameters]
        self.state = (parameters, zeros, [jnp.copy(z) for z in zeros], jnp.zeros(()))
        self.loss_gradients, self.train = _jax_functions()
        self.last_parameters = parameters

    def step(self) -> None:
        """Train once on the batch."""
        self.last_parameters = self.state[0]
        self.loss, self.state = self.train(self.state, self.x, self.y)
        self.state[0][0].block_until_ready()

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""
        return float(self.loss)

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients, computed again: the compiled step keeps none."""
        return [np.asarray(g) for g in self.loss_gradients(self.last_parameters, self.x, self.y)[1]]


@cache
def _jax_functions() -> tuple[Any, Any]:
    jax, jnp = peers.load("jax"), peers.load("jax.numpy")

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        *hidden, (weight, bias) = zip(parameters[::2], parameters[1::2], strict=True)
        for w, b in hidden:
            x = jax.nn.relu(x @ w + b)
        logarithms = jax.nn.log_softmax(x @ weight + bias)
        return -jnp.take_along_axis(logarithms, y[:, None], axis=1).mean()

    loss_gradients = jax.value_and_grad(loss)

    def train(state: Any, x: Any, y: Any) -> Any:
        parameters, moments, squares, steps = state
        value, gradients = loss_gradients(parameters, x, y)
        steps = steps + 1
        moments = [BETA1 * m + (1 - BETA1) * g for m, g in zip(moments, gradients, strict=True)]
        squares = [BETA2 * s + (1 - BETA2) * g * g for s, g in zip(squares, gradients, strict=True)]
        rate, root = LEARNING_RATE / (1 - BETA1**steps), jnp.sqrt(1 - BETA2**steps)
        parameters = [
            p - rate * m / (jnp.sqrt(s) / root + EPSILON)
            for p, m, s in zip(parameters, moments, squares, strict=True)
        ]
        return value, (parameters, moments, squares, steps)

    return jax.jit(loss_gradients), jax.jit(train)


class MyGrad:
    """MyGrad, which has no Adam: PyTorch's formula on each parameter in NumPy."""

    def __init__(self, problem: Problem) -> None:
        self.mygrad = peers.load("mygrad")
        self.functions = peers.load("mygrad.nnet")
        self.parameters = [self.mygrad.tensor(p) for layer in problem.layers for p in layer]
        self.moments = [np.zeros_like(p.data) for p in self.parameters]
        self.squares = [np.zeros_like(p.data) for p in self.parameters]
        self.steps = 0
        self.x, self.y = problem.x, problem.y

    def step(self) -> None:
        """Train once on the batch."""
        *hidden, (weight, bias) = zip(self.parameters[::2], self.parameters[1::2], strict=True)
        x = self.x
        for w, b in hidden:
            x = self.functions.relu(self.mygrad.matmul(x, w) + b)
        scores = self.mygrad.matmul(x, weight) + bias
        self.loss = self.functions.softmax_crossentropy(scores, self.y)
        self.loss.backward()
        self._adam()

    def last_loss(self) -> float:
        """Return the loss the last step found before its update."""
        return float(self.loss.data)

    def gradients(self) -> list[Floats]:
        """Return the last step's gradients."""
        return [p.grad for p in self.parameters]

    def _adam(self) -> None:
        self.steps += 1
        rate = LEARNING_RATE / (1 - BETA1**self.steps)
        root = math.sqrt(1 - BETA2**self.steps)
        for p, m, s in zip(self.parameters, self.moments, self.squares, strict=True):
            m[...] += (1 - BETA1) * (p.grad - m)
            s[...] += (1 - BETA2) * (p.grad * p.grad - s)
            p.data -= rate * m / (np.sqrt(s) / root + EPSILON)

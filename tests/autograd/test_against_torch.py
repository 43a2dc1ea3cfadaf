"""Composed expressions against PyTorch: values, gradients, second derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, gradients

from .numeric import spread
from .strategies import Array

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; it is in the bench extra")

Expression = Callable[..., Any]
M, N = spread((3, 4), 11) + 1.5, spread((4, 3), 12) + 1.5  # positive, for logarithms and roots
V, B = spread((4,), 13), spread((2, 3, 4), 14)

# Written once for both libraries: `np_` is autograd or torch, where their names agree.
SAME: dict[str, tuple[Expression, list[Array]]] = {
    "tanh layer": (lambda np_, x, w, b: np_.tanh(x @ w.T + b[:3]), [M, N.T, V]),
    "logistic": (lambda np_, x: np_.log(1 / (1 + np_.exp(-x))), [B]),
    "sigmoid chain": (lambda np_, x, y: np_.sigmoid(x * y) * np_.sigmoid(x - y), [M, M[0]]),
    "relu net": (lambda np_, x, w: np_.relu(np_.relu(x @ w) @ w.T), [B, N]),
    "square root of a norm": (lambda np_, x: np_.sqrt((x * x).sum() + 1), [B]),
    "normalised": (lambda np_, x: x / np_.sqrt((x * x).sum()), [V]),
    "gaussian": (lambda np_, x: np_.exp(-(x**2) / 2), [B]),
    "quotient": (lambda np_, x, y: (x - y.T) / (x + y.T + x * y.T), [M, N]),
    "powers": (lambda np_, x, y: x**y.T + 2**x - x**-1.5, [M, N]),
    "self power": (lambda np_, x: x**x, [M]),
    "trigonometric": (lambda np_, x: np_.sin(x) * np_.cos(x) + np_.tan(x / 4), [B]),
    "hyperbolic": (lambda np_, x: np_.sinh(x) / np_.cosh(x) - np_.tanh(x), [B]),
    "log1p expm1": (lambda np_, x: np_.log1p(np_.expm1(x) ** 2), [M]),
    "absolute": (lambda np_, x: np_.abs(x).sum() * abs(x), [B]),
    "maximum": (lambda np_, x, y: np_.maximum(x, y.T) * np_.minimum(x, y.T), [M, N]),
    "where": (lambda np_, x, y: np_.where(x > y.T, x * y.T, x - y.T), [M, N]),
    "broadcast column": (lambda np_, x, v: x[:, :1] * v + v[None, :] ** 2, [M, V]),
    "broadcast batch": (lambda np_, x, y: x * y - y / (x + 5), [B, M]),
    "outer": (lambda np_, x: x[:, None] * x[None, :] + x, [V]),
    "matmul chain": (lambda np_, x, y: x @ y @ x @ y, [M, N]),
    "batched matmul": (lambda np_, x, y: (x @ y) @ (x @ y), [B, N]),
    "matrix vector": (lambda np_, x, v: (x @ v) @ x, [M, V]),
    "vector batch": (lambda np_, v, x: x @ v + v @ x.swapaxes(1, 2), [V, B]),
    "einsum": (lambda np_, x, y: np_.einsum("bij,jk,bil->kl", x, y, x), [B, N]),
    "einsum diagonal": (lambda np_, x, y: np_.einsum("ii->i", x @ y) ** 2, [M, N]),
    "reshape": (lambda np_, x: (x.reshape(4, 6) @ x.reshape(6, 4)).reshape(-1)[3:9], [B]),
    "transpose": (lambda np_, x: (x.T @ x).T * (x @ x.T)[0, 0], [M]),
    "indexing": (lambda np_, x: x[0, 1:] * x[1, :2] + x[:, [2, 0], 1].sum(), [B]),
    "repeated index": (lambda np_, x: x[[0, 0, 2]] * x[[1, 2, 2]], [M]),
    "mask": (lambda np_, x: x[x > 1.5] ** 2, [M]),
    "stack": (lambda np_, x, y: np_.stack([x, y.T, x * y.T]).sum(0) * x, [M, N]),
    "product": (lambda np_, x: x.prod() * x, [V]),
    "mean and deviation": (lambda np_, x: (x - x.mean()) ** 3, [M]),
    "reused": (lambda np_, x: np_.exp(np_.sin(x) * x) + np_.sin(x) * x, [B]),
    "deep": (lambda np_, x: functools.reduce(lambda y, _: np_.sin(y) + x, range(20), x), [V]),
}  # fmt: skip

# Ours and PyTorch's, where the names differ.
PAIRS: dict[str, tuple[Expression, Expression, list[Array]]] = {
    "softmax": (lambda x: x.softmax(axis=1) ** 2, lambda x: x.softmax(dim=1) ** 2, [B]),
    "log_softmax": (lambda x: x.log_softmax() * x, lambda x: x.log_softmax(dim=-1) * x, [B]),
    "logsumexp": (lambda x: x.logsumexp(axis=(0, 2)), lambda x: x.logsumexp(dim=(0, 2)), [B]),
    "softplus": (lambda x: autograd.softplus(x) ** 2,
                 lambda x: torch.nn.functional.softplus(x) ** 2, [B]),
    "variance": (lambda x: x.var(axis=1, ddof=1) * x.std(axis=(1,)),
                 lambda x: x.var(dim=1) * x.std(dim=1, correction=0), [B]),
    "maximum over an axis": (lambda x: x.max(axis=1) * x.min(axis=1),
                             lambda x: x.amax(dim=1) * x.amin(dim=1), [B]),
    "maximum over all": (lambda x: x.max() * x, lambda x: x.amax() * x, [B]),
    "concatenate": (lambda x, y: np.concatenate([x, y.T], axis=1) ** 2,
                    lambda x, y: torch.cat([x, y.T], dim=1) ** 2, [M, N]),
    "pad": (lambda x: autograd.pad(x, ((0, 0), (1, 2))) ** 2 + 1,
            lambda x: torch.nn.functional.pad(x, (1, 2)) ** 2 + 1, [M]),
    "reflected": (lambda x: np.pad(x, ((0, 0), (2, 1)), mode="reflect") ** 2,
                  lambda x: torch.nn.functional.pad(x, (2, 1), mode="reflect") ** 2, [M]),
    "cross entropy": (
        lambda x: -x.log_softmax()[np.arange(3), [0, 3, 1]].mean(axis=0),
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor([0, 3, 1])), [M]),
    "layer norm": (
        lambda x, w: w * (x - x.mean(axis=-1, keepdims=True))
        / autograd.sqrt(x.var(axis=-1, keepdims=True) + 1e-5),
        lambda x, w: torch.nn.functional.layer_norm(x, (4,), w), [B, V]),
    "attention": (
        lambda q, k: (q @ k.swapaxes(1, 2) / 2.0).softmax() @ k,
        lambda q, k: torch.nn.functional.scaled_dot_product_attention(q, k, k), [B, B[::-1] + 0.5]),
    "assignment": (lambda x, y: _assigned(x * 1, y), lambda x, y: _assigned(x.clone(), y), [M, N]),
    "broadcast_to": (lambda x, b: x.broadcast_to((2, 3, 4)) * b, lambda x, b: x.expand(2, 3, 4) * b,
                     [M, B]),
    "split": (lambda x: np.multiply(*x.split(2, axis=1)),
              lambda x: torch.mul(*x.split(2, dim=1)), [M]),
}  # fmt: skip


def _assigned(x: Any, y: Any) -> Any:
    x[1] = y[:, 0] ** 2
    x[:, 2:] *= 3.0
    x[0, [0, 3]] = x[2, [1, 1]] * y[0, 0]
    return x * x


ALL = PAIRS | {
    name: (functools.partial(f, autograd), functools.partial(f, torch), inputs)
    for name, (f, inputs) in SAME.items()
}
every = pytest.mark.parametrize(("ours", "theirs", "inputs"), ALL.values(), ids=ALL)

# Both compute in float64 by different roundings of well-conditioned formulas: a few hundred units
# of 2e-16 for the largest, second derivatives included.
RTOL, ATOL = 1e-11, 1e-12


@every
def test_values_gradients_and_second_derivatives(
    ours: Expression, theirs: Expression, inputs: list[Array]
) -> None:
    mine = [Tensor(x, requires_grad=True) for x in inputs]
    other = [torch.tensor(x.copy(), requires_grad=True) for x in inputs]
    y, z = ours(*mine), theirs(*other)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), RTOL, ATOL)

    c = spread(y.shape, 5)
    first = gradients(y, mine, c, create_graph=True)
    expected = torch.autograd.grad(z, other, torch.tensor(c), create_graph=True)
    for g, e in zip(first, expected, strict=True):
        np.testing.assert_allclose(g.numpy(), e.detach().numpy(), RTOL, ATOL)

    weights = [spread(x.shape, 6) for x in inputs]
    total = sum((g * g * w).sum() for g, w in zip(first, weights, strict=True))
    wanted = sum((e * e * torch.tensor(w)).sum() for e, w in zip(expected, weights, strict=True))
    second = gradients(total, mine)
    for g, e in zip(second, torch.autograd.grad(wanted, other), strict=True):
        np.testing.assert_allclose(g, e.numpy(), RTOL * 100, ATOL * 100)


@every
def test_float32(ours: Expression, theirs: Expression, inputs: list[Array]) -> None:
    """Relative to the largest entry, a few hundred units of 6e-8."""
    mine = [Tensor(x, requires_grad=True, dtype=np.float32) for x in inputs]
    other = [torch.tensor(x.copy(), requires_grad=True, dtype=torch.float32) for x in inputs]
    y, z = ours(*mine), theirs(*other)
    assert y.dtype == np.float32
    c = spread(y.shape, 5).astype(np.float32)
    found = gradients(y, mine, c)
    for g, e in zip(found, torch.autograd.grad(z, other, torch.tensor(c)), strict=True):
        assert g.dtype == np.float32
        np.testing.assert_allclose(g, e.numpy(), rtol=0, atol=3e-5 * (1 + np.abs(g).max()))

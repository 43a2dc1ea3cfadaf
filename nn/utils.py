"""Gradient clipping, and parameters as one vector, by PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Tensor, Value, concatenate


def _with_gradients(parameters: Any) -> list[tuple[Any, np.ndarray]]:
    if isinstance(parameters, (Tensor, Value)):
        parameters = [parameters]
    pairs = [(parameter, parameter.grad) for parameter in parameters]
    return [
        (p, np.asarray(g.data if isinstance(g, Tensor) else g)) for p, g in pairs if g is not None
    ]


def _replace(parameter: Any, gradient: Any) -> None:
    parameter.grad = float(gradient) if isinstance(parameter, Value) else gradient


def _norm(gradient: np.ndarray, norm_type: float) -> float:
    """In float32 at least, and in float64 where that holds no squares."""
    entries = np.ravel(gradient)
    if gradient.dtype == np.float16:
        entries = entries.astype(np.float32)
    norm = float(np.linalg.norm(entries, norm_type))
    if not 0 < norm < math.inf:
        norm = float(np.linalg.norm(entries.astype(float), norm_type))
    return norm


def clip_grad_norm_(
    parameters: Iterable[Any],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`.

    Args:
        parameters: as `model.parameters()` gives them.
        max_norm: the largest norm of all gradients as one vector.
        norm_type: 2.0, or any other p, or `math.inf` for the largest entry.
        error_if_nonfinite: raise where the norm is infinite or nan.

    Returns:
        The norm before.

    Raises:
        ValueError: for a max_norm that is negative or nan; ArithmeticError: where asked for.

    >>> import nn
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w / 2).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], 1.0)
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    if not max_norm >= 0:
        raise ValueError(
            f"clip_grad_norm_: max_norm {max_norm}: give a number that is not negative"
        )
    pairs = _with_gradients(parameters)
    with np.errstate(over="ignore"):
        norms = [_norm(gradient, norm_type) for _, gradient in pairs]
    norm = float(np.linalg.norm(np.array(norms, float), norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(norm):
        raise ArithmeticError(f"clip_grad_norm_: the norm of the gradients is {norm}")
    factor = max_norm / (norm + 1e-6)  # as in PyTorch
    if not factor >= 1:
        for parameter, gradient in pairs:
            _replace(parameter, gradient * gradient.dtype.type(factor))
    return norm


def clip_grad_value_(parameters: Iterable[Any], clip_value: float) -> None:
    """Cut each entry of the gradients at +-`clip_value`.

    Raises:
        ValueError: for a clip_value that is negative or nan.

    >>> import nn
    >>> w = nn.Parameter([3.0, 0.5])
    >>> (w * w / 2).sum().backward()
    >>> nn.utils.clip_grad_value_([w], 1.0)
    >>> w.grad
    array([1. , 0.5])
    """
    if not clip_value >= 0:
        raise ValueError(
            f"clip_grad_value_: clip_value {clip_value}: give a number that is not negative"
        )
    for parameter, gradient in _with_gradients(parameters):
        _replace(parameter, np.clip(gradient, -clip_value, clip_value))


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters one after the other, as a Tensor from which gradients flow back to them.

    >>> import nn
    >>> nn.utils.parameters_to_vector([nn.Parameter([[1.0, 2.0]]), nn.Parameter([3.0])]).tolist()
    [1.0, 2.0, 3.0]
    """
    return concatenate([x.reshape(-1) for x in _tensors("parameters_to_vector", parameters)])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Make the numbers of a vector those of the parameters.

    Raises:
        ValueError: for a vector of another length; nothing is changed then.

    >>> import nn
    >>> w = nn.Parameter([[1.0, 2.0]])
    >>> nn.utils.vector_to_parameters([3.0, 4.0], [w])
    >>> w.tolist()
    [[3.0, 4.0]]
    """
    parameters = _tensors("vector_to_parameters", parameters)
    numbers = np.asarray(vec.data if isinstance(vec, Tensor) else vec)
    ends = [0, *np.cumsum([parameter.size for parameter in parameters], dtype=int).tolist()]
    if numbers.shape != (ends[-1],):
        raise ValueError(
            f"vector_to_parameters: a vector of shape {numbers.shape} for {ends[-1]} numbers: give "
            f"one of shape ({ends[-1]},)"
        )
    for parameter, (start, end) in zip(parameters, pairwise(ends), strict=True):
        parameter.data = numbers[start:end].reshape(parameter.shape)


def _tensors(name: str, parameters: Iterable[Any]) -> list[Any]:
    """The parameters as a list, if they are no Values."""
    listed = list(parameters)
    if not all(isinstance(parameter, Tensor) for parameter in listed):
        raise TypeError(f"{name}: the parameters are not all Tensors: give those of .to_tensors()")
    return listed

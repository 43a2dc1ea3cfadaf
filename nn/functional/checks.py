"""What the functions of this package check about what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, mean, sum

REDUCTIONS = ("mean", "sum", "none")


def operand(x: Any) -> Any:
    """`x` as an array or Tensor.

    Raises:
        TypeError: for a masked array, of which NumPy would take the hidden entries as well.
    """
    if x.__class__ is np.ndarray or isinstance(x, Tensor):
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            "a masked array would lose its mask: give .filled(), or the entries that count alone"
        )
    return np.asarray(x)


def floating(x: Any) -> Any:
    """`x`, of integers and booleans as float64: NumPy computes small ones in float16."""
    dtype = getattr(x, "dtype", None)
    return x if dtype is None or dtype.kind not in "iub" else x.astype(float)


def array(x: Any) -> Any:
    """`x` as an array of floats, or a Tensor; integers become float64."""
    return floating(operand(x))


def wider(x: Any) -> Any:
    """A float16 array or Tensor, or what is none, as float32, which its squares do not leave."""
    return None if x is None else x.astype(np.float32)


def plain(x: Any) -> np.ndarray:
    """The contents without a graph."""
    return x.data if isinstance(x, Tensor) else operand(x)


def check_reduction(reduction: str, known: tuple[str, ...] = REDUCTIONS) -> None:
    if reduction not in known:
        *others, last = map(repr, known)
        raise ValueError(f"reduction {reduction!r} is unknown: use {', '.join(others)} or {last}")


def reduced(losses: Any, reduction: str) -> Any:
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return sum(losses)
    check_reduction(reduction)
    return losses


def same_shape(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays or Tensors of one shape; broadcasting would average the wrong things."""
    input, target = array(input), operand(target)
    if target.dtype.kind in "iub":
        target = target.astype(input.dtype)
    if input.shape != target.shape:
        raise ValueError(
            f"{name}: input of shape {input.shape}, target of shape {target.shape}: give them the "
            "same shape, for instance with reshape or target[:, None]"
        )
    return input, target


def check_constant(name: str, what: str, weight: Any) -> None:
    """Refuse a weight that is a reduction without its name, or that should get a gradient."""
    if isinstance(weight, str):
        raise TypeError(
            f"{name}: {what} {weight!r} is a text: the reduction goes by its name, "
            f"reduction={weight!r}"
        )
    if isinstance(weight, Tensor) and weight.requires_grad:
        raise TypeError(
            f"{name}: {what} requires a gradient and would get none: give its .detach(), or "
            "multiply the losses of reduction='none' by it"
        )


def class_weights(name: str, weight: Any, classes: int, dtype: Any) -> np.ndarray:
    """`weight` as plain numbers of `dtype`, one for each class."""
    check_constant(name, "weight", weight)
    shape = plain(weight).shape
    if shape != (classes,):
        raise ValueError(
            f"{name}: weight of shape {shape} for {classes} classes: give one number for each, "
            f"shape ({classes},)"
        )
    return weights(name, "weight", weight, (classes,), dtype)


def weights(name: str, what: str, weight: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """`weight` as plain numbers of `dtype` that broadcast to `shape`, none of them negative."""
    check_constant(name, what, weight)
    numbers = np.array(plain(weight), dtype)
    try:
        np.broadcast_to(numbers, shape)
    except ValueError as error:
        raise ValueError(
            f"{name}: {what} of shape {numbers.shape}: give one of shape {shape}, or one that "
            "broadcasts to it"
        ) from error
    if not (numbers >= 0).all():
        raise ValueError(f"{name}: {what} has entries that are negative or nan")
    return numbers


def another_dtype(what: str, given: np.dtype[Any], wanted: np.dtype[Any]) -> str:
    """What is wrong with an operand of another dtype than a layer's parameters, and the remedy."""
    remedy = f"convert it with .astype({wanted.name!r})"
    if given.kind in "fc":
        remedy += f", or make the layer with dtype={given.name!r}"
    if given.kind == wanted.kind == "f" and given.itemsize > wanted.itemsize:
        remedy += (
            f" (NumPy's numbers and integer arrays turn {wanted} into {given}; Python's do not)"
        )
    return f"{what} of dtype {given} for parameters of {wanted}: {remedy}"


def layer_input(name: str, x: Any, parameter: Any, what: str = "input") -> Any:
    """`x` as an array or Tensor of the dtype of a layer's parameter; lists are converted.

    Args:
        name: of the layer or function.
        x: what it is given.
        parameter: the parameter.
        what: what the layer calls `x`.

    Raises:
        TypeError: for an array or Tensor of another dtype.
    """
    if not isinstance(x, Tensor):
        x = np.asarray(x, parameter.dtype) if isinstance(x, (list, tuple)) else operand(x)
    if x.dtype is not parameter.dtype and x.dtype != parameter.dtype:
        raise TypeError(f"{name}: {another_dtype(what, x.dtype, parameter.dtype)}")
    return x

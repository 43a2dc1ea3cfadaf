"""What eigenvectors and singular vectors share: equal values, and phases."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..protocols import plain
from .products import einsum
from .shaping import expand_dims


def columns(scalars: Any) -> Any:
    """Numbers that multiply the columns of a matrix."""
    return expand_dims(scalars, -2)


def rows(scalars: Any) -> Any:
    """Numbers that multiply the rows of a matrix."""
    return expand_dims(scalars, -1)


def rounding(values: np.ndarray) -> Any:
    """What eigen- or singular values may differ by that are equal but for rounding."""
    largest = np.max(np.abs(values), axis=-1, initial=0)
    return largest[..., None] * (values.shape[-1] * np.finfo(values.dtype).eps)


def equal_pairs(values: Any) -> np.ndarray:
    """Where the i-th and the j-th value are equal; the diagonal is."""
    values = plain(values)
    gaps = np.abs(columns(values) - rows(values))
    return np.asarray(gaps <= rows(rounding(values)))


def refuse_equal(equal: np.ndarray, live: np.ndarray, what: str) -> None:
    """Raise where the loss depends on a vector whose value is there twice."""
    if np.any(live & (equal.sum(axis=-1) > 1)):
        raise np.linalg.LinAlgError(
            f"two {what}values are equal to rounding: the {what}vectors the loss depends on are "
            "not differentiable there; use the values alone, or a function of the matrix that "
            "does not need its vectors"
        )


def quotients(x: Any, gaps: Any, equal: np.ndarray) -> Any:
    """x / gaps, and 0 where the values are equal."""
    return x * ~equal / (gaps + equal)


def refuse_phase(angles: Any, scale: Any) -> None:
    """Raise where the loss changes with the phase of a vector."""
    # Relative to the cotangent, which may itself be rounding of larger terms that cancelled.
    eps = np.finfo(angles.dtype).eps
    limit = eps**0.5 * scale + eps**0.75
    if np.any(np.abs(angles) > limit):
        raise np.linalg.LinAlgError(
            "the loss depends on the phase of complex eigen- or singular vectors, which is "
            "arbitrary: use only what does not change with it, such as absolute values"
        )


def diagonal(x: Any) -> Any:
    return einsum("...ii->...i", x)


def lengths(columns: Any) -> Any:
    return np.linalg.norm(plain(columns), axis=-2)


def undefined(equal: np.ndarray) -> Any:
    """nan for each vector whose value is there twice, else 0."""
    return np.where(equal.sum(axis=-1) > 1, np.nan, 0.0)[..., None, :]

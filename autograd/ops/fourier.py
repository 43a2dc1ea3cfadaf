"""Discrete Fourier transforms, as `numpy.fft`.

A transform is a symmetric matrix, so its transpose is the transform itself (without a conjugate,
see the convention of complex gradients); those of real data are half of one, and their transposes
are each other's with the entries that stand for two weighted. What `n` pads or cuts off is cut off
or padded on the way back.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.fft import fftfreq as fftfreq
from numpy.fft import rfftfreq as rfftfreq
from numpy.lib.array_utils import normalize_axis_index

from ..composing import as_array
from ..declare import operation
from ..op import NUMPY
from .padding import pad
from .products import conj

__all__: list[str] = []  # exported by autograd.fft

Norm = str | None
_OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _resized(x: Any, n: int, axis: int) -> Any:
    """`x` with length n along `axis`: cut off, or zeros added, at the end."""
    axis = normalize_axis_index(axis, x.ndim)
    extra = n - x.shape[axis]
    if extra > 0:
        return pad(x, [(0, extra if i == axis else 0) for i in range(x.ndim)])
    return x if extra == 0 else x[(slice(None),) * axis + (slice(n),)]


def _weighted(x: Any, n: int, axis: int, weight: float) -> Any:
    """The half spectrum `x` of n real numbers with `weight` where an entry stands for two."""
    axis = normalize_axis_index(axis, x.ndim)
    weights = np.full(x.shape[axis], weight, np.finfo(x.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[n // 2] = 1
    return x * weights.reshape((-1,) + (1,) * (x.ndim - 1 - axis))


# --- along one axis ---------------------------------------------------------------------


def _fft_pull(g: Any, x_shape: tuple[int, ...], axis: int, norm: Norm) -> Any:
    return _resized(fft(g, None, axis, norm), x_shape[axis], axis)


@operation(
    _fft_pull,
    numpy=[np.fft.fft],
    linear=True,
)
def fft(x: Any, /, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The Fourier transform along `axis`, as `numpy.fft.fft`."""
    return np.fft.fft(x, n, axis, norm)  # type: ignore[arg-type]


def _ifft_pull(g: Any, x_shape: tuple[int, ...], axis: int, norm: Norm) -> Any:
    return _resized(ifft(g, None, axis, norm), x_shape[axis], axis)


@operation(
    _ifft_pull,
    numpy=[np.fft.ifft],
    linear=True,
)
def ifft(x: Any, /, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The inverse Fourier transform along `axis`, as `numpy.fft.ifft`."""
    return np.fft.ifft(x, n, axis, norm)  # type: ignore[arg-type]


def _rfft_pull(g: Any, x_shape: tuple[int, ...], n: int | None, axis: int, norm: Norm) -> Any:
    n = x_shape[axis] if n is None else n
    half = conj(_weighted(g, n, axis, 0.5))
    return _resized(irfft(half, n, axis, _OPPOSITE[norm]), x_shape[axis], axis)


@operation(_rfft_pull, numpy=[np.fft.rfft], linear=True)
def rfft(x: Any, /, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Half of the Fourier transform of real data along `axis`, as `numpy.fft.rfft`."""
    return np.fft.rfft(x, n, axis, norm)  # type: ignore[arg-type]


def _irfft_pull(g: Any, x_shape: tuple[int, ...], axis: int, norm: Norm) -> Any:
    half = conj(_weighted(rfft(g, None, axis, _OPPOSITE[norm]), g.shape[axis], axis, 2.0))
    return _resized(half, x_shape[axis], axis)


@operation(_irfft_pull, numpy=[np.fft.irfft], linear=True)
def irfft(x: Any, /, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Real data from half of their Fourier transform along `axis`, as `numpy.fft.irfft`."""
    return np.fft.irfft(x, n, axis, norm)  # type: ignore[arg-type]


def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The transform, which is real, of data with Hermitian symmetry, as `numpy.fft.hfft`.

    >>> from autograd import Tensor, fft
    >>> fft.hfft(Tensor([1.0, 2.0, 3.0])).tolist()
    [8.0, -2.0, 0.0, -2.0]
    """
    return irfft(conj(as_array(a)), n, axis, _opposite("hfft", norm))


def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The inverse of `hfft`, as `numpy.fft.ihfft`.

    >>> from autograd import Tensor, fft
    >>> fft.ihfft(Tensor([8.0, -2.0, 0.0, -2.0])).shape
    (3,)
    """
    return conj(rfft(as_array(a), n, axis, _opposite("ihfft", norm)))


def _opposite(name: str, norm: Norm) -> str:
    if norm not in _OPPOSITE:
        raise ValueError(f"{name}: norm={norm!r}: give 'backward' (or None), 'ortho' or 'forward'")
    return _OPPOSITE[norm]


# --- along several: one after the other, in NumPy's order --------------------------------


def _plan(
    a: Any, s: Sequence[int] | None, axes: Sequence[int] | None, half: bool = False
) -> list[tuple[int, int]]:
    """(length, axis) of each transform; `half` where `a` has half a spectrum in the last axis."""
    if axes is None:
        if s is not None:
            warnings.warn(
                "s without axes is deprecated in NumPy 2.0: pass axes as well",
                DeprecationWarning,
                stacklevel=3,
            )
        axes = range(-(a.ndim if s is None else len(s)), 0)
    axes = list(axes)
    if s is None:
        lengths = [a.shape[axis] for axis in axes]
        if half:
            lengths[-1] = 2 * (lengths[-1] - 1)
    else:
        if len(s) != len(axes):
            raise ValueError(f"s={tuple(s)} and axes={tuple(axes)}: give one length for each axis")
        lengths = [a.shape[axis] if n == -1 else n for n, axis in zip(s, axes, strict=True)]
    return list(zip(lengths, axes, strict=True))


def _along(
    transform: Callable[..., Any], a: Any, plan: Sequence[tuple[int, int]], norm: Norm
) -> Any:
    for n, axis in plan:
        a = transform(a, n, axis, norm)
    return a


def fftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The Fourier transform along several axes, as `numpy.fft.fftn`.

    >>> from autograd import Tensor, fft
    >>> fft.fftn(Tensor([[1.0, 2.0], [3.0, 4.0]])).numpy().real.tolist()
    [[10.0, -2.0], [-4.0, 0.0]]
    """
    a = as_array(a)
    return _along(fft, a, _plan(a, s, axes)[::-1], norm)


def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The inverse Fourier transform along several axes, as `numpy.fft.ifftn`.

    >>> from autograd import Tensor, fft
    >>> fft.ifftn(Tensor([[4.0, 0.0], [0.0, 0.0]])).numpy().real.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    a = as_array(a)
    return _along(ifft, a, _plan(a, s, axes)[::-1], norm)


def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The transform of real data along several axes, half along the last, as `numpy.fft.rfftn`.

    >>> from autograd import Tensor, fft
    >>> fft.rfftn(Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """
    a = as_array(a)
    *others, last = _plan(a, s, axes)
    return _along(fft, rfft(a, *last, norm), others[::-1], norm)


def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Norm = None) -> Any:
    """The inverse of `rfftn`, as `numpy.fft.irfftn`.

    >>> from autograd import Tensor, fft
    >>> fft.irfftn(Tensor([[4.0, 0.0, 0.0]])).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    a = as_array(a)
    *others, last = _plan(a, s, axes, half=True)
    return irfft(_along(ifft, a, others, norm), *last, norm)


def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`fftn` along the last two axes, as `numpy.fft.fft2`.

    >>> from autograd import Tensor, fft
    >>> fft.fft2(Tensor([[1.0, 2.0], [3.0, 4.0]])).numpy().real.tolist()
    [[10.0, -2.0], [-4.0, 0.0]]
    """
    return fftn(a, s, axes, norm)


def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`ifftn` along the last two axes, as `numpy.fft.ifft2`.

    >>> from autograd import Tensor, fft
    >>> fft.ifft2(Tensor([[4.0, 0.0], [0.0, 0.0]])).numpy().real.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    return ifftn(a, s, axes, norm)


def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`rfftn` along the last two axes, as `numpy.fft.rfft2`.

    >>> from autograd import Tensor, fft
    >>> fft.rfft2(Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """
    return rfftn(a, s, axes, norm)


def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Norm = None) -> Any:
    """`irfftn` along the last two axes, as `numpy.fft.irfft2`.

    >>> from autograd import Tensor, fft
    >>> fft.irfft2(Tensor([[4.0, 0.0, 0.0]])).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    return irfftn(a, s, axes, norm)


# --- order of frequencies ---------------------------------------------------------------


def _fftshift_pull(g: Any, axes: Any) -> Any:
    return ifftshift(g, axes)


@operation(_fftshift_pull, numpy=[np.fft.fftshift], moves=True, linear=True)
def fftshift(x: Any, /, axes: Any = None) -> Any:
    """The frequency 0 moved to the middle, as `numpy.fft.fftshift`."""
    return np.fft.fftshift(x, axes)


@operation(lambda g, axes: fftshift(g, axes), numpy=[np.fft.ifftshift], moves=True, linear=True)
def ifftshift(x: Any, /, axes: Any = None) -> Any:
    """The inverse of `fftshift`, as `numpy.fft.ifftshift`."""
    return np.fft.ifftshift(x, axes)


NUMPY |= {
    np.fft.fft2: fft2, np.fft.fftn: fftn, np.fft.hfft: hfft, np.fft.ifft2: ifft2,
    np.fft.ifftn: ifftn, np.fft.ihfft: ihfft, np.fft.irfft2: irfft2, np.fft.irfftn: irfftn,
    np.fft.rfft2: rfft2, np.fft.rfftn: rfftn,
}  # fmt: skip

"""Products, einsum, Fourier transforms and polynomials: edge shapes, spellings and errors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, fft, grad, gradients

from .helpers import leaf, refuses
from .numeric import spread

# --- einsum -----------------------------------------------------------------------------


def test_einsum_along_a_given_path() -> None:
    a, b, c = spread((2, 3), 1), spread((3, 4), 2), spread((4, 2), 3)
    found = []
    for optimize in (False, True, "greedy", "optimal", ["einsum_path", (1, 2), (0, 1)]):
        t, u, v = leaf(a), leaf(b), leaf(c)
        y = np.einsum("ij,jk,kl->il", t, u, v, optimize=optimize)  # type: ignore[call-overload]
        found.append(gradients((y**2).sum(), [t, u, v]))
    for gs in found[1:]:
        for g, e in zip(gs, found[0], strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-13)


def test_einsum_with_lists_of_integers() -> None:
    t, a = leaf(spread((2, 3), 1)), spread((3, 4), 2)
    np.testing.assert_allclose(np.einsum(t, [0, 1], a, [1, 2]).data, t.data @ a)
    # Without an output its axes are in the order of the integers.
    np.testing.assert_allclose(autograd.einsum(t, [30, 2]).data, t.data.T)
    np.testing.assert_array_equal(autograd.einsum(t, [..., 0], [0, ...]).data, t.data.T)
    with refuses(ValueError, "einsum", "[0, 60]", "51"):
        autograd.einsum(t, [0, 60])
    with refuses(ValueError, "einsum"):
        autograd.einsum(t, ["i", "j"])


def test_calls_of_einsum_that_mean_nothing() -> None:
    t = leaf(np.ones((2, 2)))
    with refuses(TypeError, "einsum", "Tensor"):
        autograd.einsum(t, t)
    with refuses(ValueError, "einsum", "subscripts"):
        autograd.einsum("ij")
    with refuses(TypeError, "dtype"):
        np.einsum("ij", t, dtype=np.float32)
    with refuses(ValueError, "einsum", "(2, 2)"):
        autograd.einsum("ijk", t)


# --- products ---------------------------------------------------------------------------


def test_cross_of_vectors_of_length_2() -> None:
    a, b, c = [1.0, 2.0], [3.0, 5.0], [1.0, 2.0, 3.0]
    with pytest.warns(DeprecationWarning, match="third component"):
        y = autograd.cross(leaf(a), b)
    assert (y.shape, y.item()) == ((), -1)
    for pair in ((a, c), (c, a)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            np.testing.assert_array_equal(autograd.cross(leaf(pair[0]), pair[1]).data,
                                          np.cross(*pair))  # fmt: skip
    with refuses(ValueError, "cross", "4"):
        autograd.cross(leaf(np.ones(4)), np.ones(4))
    with refuses(ValueError, "cross", "number"):
        autograd.cross(leaf(1.0), leaf(2.0))


def test_products_that_do_not_fit() -> None:
    t = leaf(np.ones((2, 3)))
    with refuses(ValueError, "tensordot", "(2, 3)"):
        autograd.tensordot(t, t, axes=1)
    with refuses(IndexError, "axis"):
        autograd.tensordot(t, t, axes=([5], [0]))
    with refuses(ValueError, "vecdot", "(2, 3)"):
        autograd.vecdot(t, np.ones(2))
    with refuses(ValueError, "matmul"):
        autograd.vdot(t, np.ones(5))
    with refuses(ValueError, "matrix_transpose", "(3,)"):
        autograd.matrix_transpose(t[0])
    with refuses(TypeError, "vecdot", "dtype"):
        np.vecdot(t, t, dtype=np.float32)


@pytest.mark.parametrize("name", ["kron", "outer", "inner", "vdot", "tensordot", "vecdot",
                                  "convolve", "correlate", "polyval"])  # fmt: skip
def test_plain_lists_give_what_numpy_gives(name: str) -> None:
    params = {"axes": 1} if name == "tensordot" else {}
    found = getattr(autograd, name)([1, 2], [3, 4], **params)
    expected = getattr(np, name)([1, 2], [3, 4], **params)
    assert not isinstance(found, Tensor)
    np.testing.assert_array_equal(found, expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


# --- Fourier transforms -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft"])
def test_transforms_of_two_axes(name: str) -> None:
    x = spread((2, 4, 3), 1)
    two, several = getattr(fft, f"{name}2"), getattr(fft, f"{name}n")
    for params in ({}, {"s": (3, -1)}, {"axes": (0, 1), "norm": "ortho"}):
        expected = getattr(np.fft, f"{name}2")(x, **params)
        for t in (x, leaf(x)):
            y = getattr(np.fft, f"{name}2")(t, **params)
            np.testing.assert_allclose(getattr(y, "data", y), expected, rtol=1e-13, atol=1e-14)
        t = leaf(x)
        cotangent = spread(expected, 2)
        found = gradients(two(t, **params), t, cotangent)
        other = gradients(several(t, **{"axes": (-2, -1), **params}), t, cotangent)
        np.testing.assert_array_equal(*found, *other)


def test_transforms_keep_the_energy() -> None:
    """Parseval: the sum of |fft(x)|**2 is n times that of x**2."""
    x = spread((5,), 1)

    def energy(x: Any) -> Any:
        return (autograd.abs(fft.fft(x)) ** 2).sum()

    np.testing.assert_allclose(grad(energy)(x), 10 * x, rtol=1e-13)


def test_arguments_of_transforms() -> None:
    t = leaf(np.ones((2, 3)))
    for call in (fft.fft, fft.rfft, fft.hfft, fft.ihfft, fft.fftn):
        with refuses(ValueError, "norm"):
            call(t, norm="other")
    with refuses(ValueError, "fft", "0"):
        fft.fft(t, 0)
    with refuses(IndexError, "axis"):
        fft.fft(t, axis=2)
    with refuses(ValueError, "axes"):
        fft.fftn(t, s=(2,), axes=(0, 1))
    with refuses(TypeError, "fft", "out"):
        np.fft.fft(t, out=np.zeros((2, 3), complex))
    with pytest.warns(DeprecationWarning, match="axes"):
        fft.fftn(t, s=(2,))
    assert fft.fftfreq is np.fft.fftfreq


# --- sequences and polynomials ----------------------------------------------------------


def test_sequences_that_are_none() -> None:
    with refuses(ValueError, "convolve", "empty"):
        autograd.convolve(leaf(np.ones(0)), np.ones(2))
    with refuses(ValueError, "convolve"):
        autograd.convolve(leaf(np.ones(2)), np.ones(2), mode="other")
    with refuses(ValueError, "convolve", "(2, 2)"):
        autograd.convolve(leaf(np.ones((2, 2))), np.ones(2))
    with refuses(ValueError, "vander", "(2, 2)"):
        autograd.vander(leaf(np.ones((2, 2))))


def test_a_number_convolved() -> None:
    t = leaf(3.0)
    y = autograd.convolve(t, [1.0, 2.0])
    assert y.tolist() == [3, 6]
    assert gradients(y.sum(), t)[0] == 3


def test_vander_at_zero() -> None:
    np.testing.assert_array_equal(
        grad(lambda x: (autograd.vander(x) * [[1.0, 2.0, 3.0]]).sum())(np.zeros(3)), [2, 2, 2]
    )


@pytest.mark.parametrize(
    ("x", "y"),
    [([[0.0]], [[np.nan, 1.0]]), ([0.0], [[np.inf, 1.0]]), ([[np.nan], [1.0]], [[0.0]])],
)
def test_a_lone_zero_does_not_hide_nan(x: Any, y: Any) -> None:
    """NumPy's `dot` skips it; the product of matrices is that of `numpy.matmul`."""
    x, y = np.array(x), np.array(y)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal((leaf(x) @ leaf(y)).data, np.matmul(x, y))
        np.testing.assert_array_equal(autograd.matmul(x, y), np.matmul(x, y))


def test_a_lone_zero_cotangent_does_not_hide_nan() -> None:
    y = leaf([1.0, 1.0])
    out = np.array([[np.nan, 1.0]]) @ y
    np.testing.assert_array_equal(gradients(out, y, np.array([0.0]))[0], [np.nan, 0.0])

"""Ties, zeros, masks, nan, empty arrays and errors of reductions, scans and statistics."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_gradients, gradients

from .helpers import leaf, refuses

nan = math.nan
both = pytest.mark.parametrize("create_graph", [False, True])


def slopes(f: Any, *data: Any, create_graph: bool = False) -> list[Any]:
    leaves = [leaf(x) for x in data]
    found = gradients(f(*leaves).sum(), leaves, create_graph=create_graph)
    return [g.tolist() for g in found]


# --- ties -------------------------------------------------------------------------------


@both
def test_ties_share_the_order_statistics(create_graph: bool) -> None:
    x = [1.0, 2.0, 2.0, 3.0]
    for f, expected in [
        (lambda t: np.median(t), [0.0, 0.5, 0.5, 0.0]),
        (lambda t: np.quantile(t, 0.5, method="lower"), [0.0, 0.5, 0.5, 0.0]),
        (lambda t: np.percentile(t, 75), [0.0, 0.375, 0.375, 0.25]),
        (lambda t: np.quantile(t, [0.0, 1.0]), [1.0, 0.0, 0.0, 1.0]),
        (lambda t: np.nanmax(t, initial=None), [0.0, 0.0, 0.0, 1.0]),
        (lambda t: np.ptp(t), [-1.0, 0.0, 0.0, 1.0]),
    ]:
        assert slopes(f, x, create_graph=create_graph) == [expected]


@both
def test_ties_of_running_extremes(create_graph: bool) -> None:
    """Of [1, 3, 2, 3] the running maximum is 1, 3, 3, (3 twice)."""
    found = slopes(np.maximum.accumulate, [1.0, 3.0, 2.0, 3.0], create_graph=create_graph)
    assert found == [[1.0, 2.5, 0.0, 0.5]]
    found = slopes(np.minimum.accumulate, [2.0, 2.0, 1.0], create_graph=create_graph)
    assert found == [[1.5, 0.5, 1.0]]


@both
def test_running_products_with_zeros(create_graph: bool) -> None:
    """1 + y + y z, x + x z and x y at (2, 0, 3); and all but one term vanish at two zeros."""
    assert slopes(np.cumprod, [2.0, 0.0, 3.0], create_graph=create_graph) == [[1.0, 8.0, 0.0]]
    assert slopes(np.cumprod, [0.0, 0.0, 3.0], create_graph=create_graph) == [[1.0, 0.0, 0.0]]


# --- masks ------------------------------------------------------------------------------


@both
def test_what_a_mask_leaves_out_contributes_nothing(create_graph: bool) -> None:
    x, mask = [4.0, 0.0, 9.0], np.array([True, False, True])
    for f, expected in [
        (lambda t: np.sum(np.sqrt(t), where=mask), [0.25, 0.0, 1 / 6]),
        (lambda t: np.mean(np.sqrt(t), where=mask), [0.125, 0.0, 1 / 12]),
        (lambda t: np.max(np.sqrt(t), where=mask, initial=0), [0.0, 0.0, 1 / 6]),
        (lambda t: np.prod(np.sqrt(t), where=mask), [0.75, 0.0, 1 / 3]),
    ]:
        (found,) = slopes(f, x, create_graph=create_graph)
        assert found == pytest.approx(expected, rel=1e-15)


def test_initial_takes_part_and_may_record() -> None:
    x, start = leaf([1.0, 2.0]), leaf(5.0)
    assert gradients(np.max(x, initial=start), [x, start])[1].tolist() == 1.0
    assert gradients(np.sum(x, initial=start), [x, start])[1].tolist() == 1.0
    assert np.max(leaf(np.zeros((0, 2))), axis=0, initial=-1.0).tolist() == [-1.0, -1.0]
    assert autograd.max(np.array([3, 1]), initial=2) == 3
    with refuses(ValueError, "max", "initial"):
        np.max(x, where=np.array([True, False]))


def test_moments_about_a_mean_that_records() -> None:
    x = leaf([[1.0, 2.0, 6.0], [1.0, 1.0, 1.0]])
    for f in (np.var, np.std):
        given = f(x, axis=1, mean=np.mean(x, axis=1, keepdims=True), correction=1)
        usual = f(x, axis=1, ddof=1)
        np.testing.assert_allclose(given.numpy(), usual.numpy(), rtol=1e-15)
        (g,), (e,) = (gradients(y.sum(), x) for y in (given, usual))
        np.testing.assert_allclose(g, e, atol=1e-15)
    with refuses(ValueError, "var", "ddof", "correction"):
        np.var(x, ddof=1, correction=1)


def test_moments_of_complex_numbers() -> None:
    """|z - m|**2 of (0, 2i) is 1 each; the gradient is 2 conj(z - m) / n."""
    z = leaf([0j, 2j])
    y = np.var(z)
    assert (y.item(), y.dtype) == (1.0, np.float64)
    assert gradients(y, z)[0].tolist() == [1j, -1j]
    assert gradients(np.std(z), z)[0].tolist() == [0.5j, -0.5j]


# --- nan --------------------------------------------------------------------------------


def test_nan_is_passed_over_or_seen() -> None:
    x = leaf([1.0, nan, 3.0])
    for f in (np.nansum, np.nanmean, np.nanmax, np.nanmin, np.nanmedian, np.nanstd):
        (g,) = gradients(f(x), x)
        assert np.isfinite(g).all()
        assert g[1] == 0
    for f in (np.median, np.max, np.sum):
        assert np.isnan(f(x).item())


def test_slices_of_nan_warn_as_numpy_does() -> None:
    data = [[nan, nan], [1.0, 2.0]]
    for f in (np.nanmean, np.nanvar, np.nanmedian, np.nanmax):
        with pytest.warns(RuntimeWarning) as theirs:
            expected = f(np.array(data), axis=1)
        with pytest.warns(RuntimeWarning, match=str(theirs[0].message)):
            found = f(leaf(data), axis=1)
        np.testing.assert_array_equal(found.numpy(), expected)


# --- other ------------------------------------------------------------------------------


def test_second_derivative_of_a_correlation_at_one() -> None:
    """The largest value there is, so the function bends down, though the rounded quotient is above
    1 and the value is cut there."""
    x = np.arange(3) * 0.3 + 0.1
    t = leaf(x)
    r = np.corrcoef(t, x)[0, 1]
    assert r.item() == 1.0
    (g,) = gradients(r, t, create_graph=True)
    (h,) = gradients(g[0], t)
    step = 1e-4  # truncation about step**2, rounding 1e-16 / step**2, both 1e-8
    moved = [float(np.corrcoef(x + k * step * np.eye(3)[0], x)[0, 1]) for k in (-1, 0, 1)]
    assert h[0] < -0.1
    assert h[0] == pytest.approx((moved[0] - 2 * moved[1] + moved[2]) / step**2, abs=1e-6)


@pytest.mark.parametrize("axis", [0, -1, ()])
@pytest.mark.parametrize("name", ["sum", "max", "min", "prod", "softmax", "log_softmax"])
def test_axes_that_numpy_takes_of_a_number(name: str, axis: Any) -> None:
    f = getattr(autograd, name)
    check_gradients(lambda x: f(x, axis=axis) * x, 0.3, modes="both", order=2)


def test_errors_name_the_operation() -> None:
    t = leaf([[1.0, 2.0], [3.0, 4.0]])
    for call, kind, words in [
        (lambda: np.average(t, weights=[1.0, 2.0]), TypeError, ["average", "axis"]),
        (lambda: np.average(t, 0, [1.0, 2.0, 3.0]), ValueError, ["average", "(3,)"]),
        (lambda: np.average(t, 0, [1.0, -1.0]), ZeroDivisionError, ["average", "0"]),
        (lambda: np.quantile(t, leaf(0.5)), TypeError, ["quantile", "q"]),
        (lambda: np.quantile(t, 1.5), ValueError, ["quantile", "range"]),
        (lambda: np.quantile(t, 0.5, method="mean"), ValueError, ["quantile", "mean"]),
        (lambda: np.quantile(t, 0.5, method="inverted_cdf", weights=np.ones((2, 2))), TypeError,
         ["np.quantile", "weights"]),
        (lambda: np.cumulative_sum(t), ValueError, ["cumulative_sum", "axis"]),
        (lambda: np.diff(t, -1), ValueError, ["diff", "-1"]),
        (lambda: np.diff(leaf(1.0)), ValueError, ["diff", "dimension"]),
        (lambda: np.gradient(t, 1.0, 1.0, 1.0), TypeError, ["gradient", "3 spacings"]),
        (lambda: np.gradient(t, [1.0, 2.0, 3.0], axis=0), ValueError, ["gradient", "(3,)"]),
        (lambda: np.gradient(t, edge_order=2), ValueError, ["gradient", "2 samples"]),
        (lambda: np.gradient(t, edge_order=3), ValueError, ["gradient", "edge_order=3"]),
        (lambda: np.cov(leaf(np.ones((2, 2, 2)))), ValueError, ["cov", "dimensions"]),
        (lambda: np.cov(t, fweights=[1.5, 1]), TypeError, ["cov", "integers"]),
        (lambda: np.cov(t, aweights=[-1.0, 1]), ValueError, ["cov", "negative"]),
        (lambda: np.cov(t, aweights=[1.0]), ValueError, ["cov", "(1,)"]),
        (lambda: np.nancumsum(t, dtype=np.float32), TypeError, ["np.nancumsum", "dtype"]),
        (lambda: np.add.reduceat(t, [0]), TypeError, ["np.add.reduceat"]),
        (lambda: np.add.at(t, 0, 1.0), TypeError, ["np.add.at"]),
        (lambda: np.subtract.reduce(t), TypeError, ["np.subtract.reduce"]),
        (lambda: np.add.reduce(t, dtype=np.float32), TypeError, ["np.add.reduce", "dtype"]),
        (lambda: np.add.reduce(Value(1.0)), TypeError, ["np.add.reduce"]),
    ]:  # fmt: skip
        with refuses(kind, *words):
            call()


def test_methods_of_ufuncs_on_plain_tensors() -> None:
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    t = Tensor(a)
    assert np.add.reduce(t).tolist() == [4.0, 6.0]
    assert np.multiply.reduce(t, axis=None).item() == 24.0
    assert np.maximum.reduce(t, axis=1, keepdims=True).shape == (2, 1)
    assert np.add.accumulate(t, axis=1).tolist() == [[1.0, 3.0], [3.0, 7.0]]
    assert np.subtract.outer(t, [1.0, 2.0]).shape == (2, 2, 2)
    assert np.add.reduce(t, where=a > 1, initial=1.0).tolist() == [4.0, 7.0]


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (0, 2)])
def test_empty_arrays_and_single_numbers(shape: tuple[int, ...]) -> None:
    """What NumPy computes is computed, with a gradient of the input's shape."""
    x = np.ones(shape)
    for f in (np.cumsum, np.cumprod, np.nansum, np.nanprod, np.diff, np.ediff1d, np.trapezoid):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                expected: Any = f(x)
            except (ValueError, IndexError):
                with pytest.raises((ValueError, IndexError)):
                    f(leaf(x))
                continue
            t = leaf(x)
            y = f(t)
            np.testing.assert_array_equal(y.numpy(), expected)
            assert gradients(y.sum(), t)[0].shape == shape


def test_plain_data_is_numpys() -> None:
    x = [1.0, 4.0, 2.0]
    for name in ("cumsum", "cumprod", "diff", "ediff1d", "gradient", "median", "nanmean", "nanvar",
                 "average", "cov", "ptp", "trapezoid"):  # fmt: skip
        ours, theirs = getattr(autograd, name)(x), getattr(np, name)(x)
        np.testing.assert_array_equal(ours, theirs)
        assert type(ours) is type(theirs) or name in ("cumsum", "cumprod", "median", "ptp")


REDUCTIONS = "sum prod max min ptp nansum nanprod nanmean nanmax nanmin nanvar"
SCANS = "cumsum cumprod nancumsum nancumprod"


@pytest.mark.parametrize("name", f"{REDUCTIONS} {SCANS}".split())
@pytest.mark.parametrize("axis", [0, -1, None])
def test_the_axis_of_a_single_number(name: str, axis: int | None) -> None:
    """NumPy's ufuncs take it for a line of one."""
    f = getattr(np, name)
    x = leaf(2.0)
    out = f(x, axis=axis)
    assert out.shape == np.shape(f(2.0, axis=axis))
    out.sum().backward()
    assert x.grad == (0.0 if name in ("ptp", "nanvar") else 1.0)
    (tangent,) = np.ravel(autograd.jvp(lambda t: f(t, axis=axis), (2.0,), (1.0,))[1])
    assert tangent == x.grad


def test_cumulative_functions_of_a_single_number() -> None:
    for f in (np.cumulative_sum, np.cumulative_prod):
        x = leaf(2.0)
        out = f(x, include_initial=True)
        np.testing.assert_array_equal(out.numpy(), f(np.array(2.0), include_initial=True))
        out.sum().backward()
        assert x.grad == 1.0


@pytest.mark.filterwarnings("ignore")  # of NumPy's, that there is no number
@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_the_median_of_nothing(name: str) -> None:
    x = leaf(np.ones((2, 0)))
    out = getattr(np, name)(x, axis=1)
    assert np.isnan(out.data).all()
    out.sum().backward()
    assert x.grad.shape == (2, 0)

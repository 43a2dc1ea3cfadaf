"""SciPy's special functions: at zeros and far out, to higher orders, and without SciPy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special

import autograd
from autograd import Tensor, Value, gradients, special

from .helpers import leaf, refuses


def derivatives(f: Any, x: Any, orders: int) -> list[float]:
    y = x
    found = [f(x)]
    for _ in range(orders):
        (y,) = gradients(found[-1].sum(), x, create_graph=True)
        found.append(y)
    return [y.item() for y in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # From the series, DLMF 10.25.2 and 10.2.2: the coefficient of x**n times n!.
        ("i0", [1, 0, 1 / 2, 0, 3 / 8]), ("i1", [0, 1 / 2, 0, 3 / 8, 0]),
        ("j0", [1, 0, -1 / 2, 0, 3 / 8]), ("j1", [0, 1 / 2, 0, -3 / 8, 0]),
    ],
)  # fmt: skip
def test_bessel_functions_at_zero(name: str, expected: list[float]) -> None:
    assert derivatives(getattr(special, name), leaf(0.0), 4) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("x", [0.5, 2.0, -0.5])
def test_digamma_to_higher_orders(x: float) -> None:
    expected = [float(scipy.special.polygamma(n, x)) for n in range(4)]
    assert derivatives(special.digamma, leaf(x), 3) == pytest.approx(expected, rel=1e-13)


def test_log_ndtr_far_out() -> None:
    """d log Phi is x + 1/x - 2/x**3 + ... (with a minus) far to the left, 0 far to the right."""
    x = np.array([-1e4, -40.0, 40.0, 1e4])
    (found,) = gradients(special.log_ndtr(t := leaf(x)).sum(), t)
    asymptotic = -x[:2] - 1 / x[:2] + 2 / x[:2] ** 3 - 10 / x[:2] ** 5
    np.testing.assert_allclose(found[:2], asymptotic, rtol=1e-9)
    assert found[2:].tolist() == [0.0, 0.0]


def test_entropies_at_zero() -> None:
    """0 log(y) is 0 for all y, and constant in y."""
    for f in (special.xlogy, special.rel_entr):
        x, y = np.array(0.0), leaf([0.0, 2.0])
        assert f(x, y).tolist() == [0.0, 0.0]
        assert gradients(f(x, y).sum(), y)[0].tolist() == [0.0, 0.0]
    y = leaf([-1.0])
    assert gradients(special.xlog1py(0.0, y).sum(), y)[0].tolist() == [0.0]


def test_scipys_ufuncs_on_values_and_plain_tensors() -> None:
    v = Value(0.5)
    out = scipy.special.xlogy(v, 3.0)
    assert isinstance(out, Value)
    out.backward()
    assert (out.data, v.grad) == (0.5 * np.log(3), pytest.approx(np.log(3)))
    assert isinstance(scipy.special.psi(Tensor([1.0])), Tensor)
    assert np.i0(leaf([1.0])).tolist() == [scipy.special.i0(1.0)]
    assert [np.i0(leaf([1.0], f"f{n}")).dtype for n in (2, 4, 8)] == ["f2", "f4", "f8"]
    assert special.erf(0.5) == scipy.special.erf(0.5)
    assert special.erf([0.5]).tolist() == [scipy.special.erf(0.5)]


def test_what_has_no_rule() -> None:
    t = leaf([0.5])
    for call, words in [
        (lambda: scipy.special.hyp2f1(t, 1, 1, 1), ["hyp2f1", "no derivative rule"]),
        (lambda: scipy.special.jv(t, 1.0), ["jv", "order"]),
        (lambda: special.polygamma(Value(1.0), 2.0), ["polygamma", "order"]),
        (lambda: scipy.special.erf(t, out=np.zeros(1)), ["erf", "out"]),
        (lambda: special.ive(1, leaf([1j])), ["ive", "complex"]),
    ]:
        with refuses(TypeError, *words):
            call()


def run(program: str) -> str:
    root = Path(autograd.__file__).parents[1]
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    return shown.stdout


def test_scipy_is_not_imported_before_it_is_used() -> None:
    assert run(
        "import sys, autograd, autograd.special as s; print('scipy' in sys.modules, end=' ');"
        "s.erf(1.0); print('scipy' in sys.modules)"
    ).split() == ["False", "True"]


def test_without_scipy_the_error_says_what_to_install() -> None:
    shown = run(
        "import sys; sys.modules['scipy'] = None\n"
        "import autograd.special as s\n"
        "try: s.erf(1.0)\n"
        "except ImportError as error: print(error)"
    )
    assert "erf" in shown
    assert "pip install scipy" in shown


def test_the_slope_of_erfcx_far_out() -> None:
    # erfcx(x) approaches 1 / (x sqrt(pi)), its derivative -1 / (x^2 sqrt(pi)).
    for x in (99.0, 101.0, 1e4, 1e7, 1e12):
        found = autograd.grad(special.erfcx)(x)
        inverse = 1 / x**2
        expected = -inverse / np.sqrt(np.pi) * (1 - 1.5 * inverse + 3.75 * inverse**2)
        np.testing.assert_allclose(found, expected, rtol=1e-10)

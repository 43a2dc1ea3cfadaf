"""The table of operations against JAX, an independent oracle, where it is installed.

What a case means is written once, with `np` for NumPy; here the same text runs with `np` for
`jax.numpy`. What JAX does not have or does not take is skipped with what it says.
"""

from __future__ import annotations

import functools
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import jvp, vjp

from .numeric import spread
from .table import CASES, Case

jax = pytest.importorskip("jax", reason="compares with JAX, which is not installed")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy


_TRIANGLE = "JAX symmetrises its argument, we differentiate the triangle NumPy reads"
_WRONG = "JAX is wrong here, as finite differences show: "
DIFFERENT = {
    "linalg.cholesky": _TRIANGLE,
    "linalg.eigh": _TRIANGLE,
    "linalg.eigvalsh": _TRIANGLE,
    "hermitian_part": _TRIANGLE,
    "linalg.svd_hermitian": _TRIANGLE,
    "arccosh": _WRONG + "the branch for a negative real part",
    "ldexp": _WRONG + "the derivative at 0",
    "polyfit": _WRONG + "nan where a point is at 0",
    "reductions of some": _WRONG + "initial= beside where= is left out",
    "unique": _WRONG + "its derivative is zero",
    "sign": _WRONG + "of a complex number, sign is not locally constant",
}


def in_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with `jax.numpy` for NumPy."""
    if isinstance(function, types.FunctionType) and "numpy" not in function.__module__:
        names = {**function.__globals__, "np": jnp}
        twin = types.FunctionType(
            function.__code__, names, None, function.__defaults__, function.__closure__
        )
        twin.__kwdefaults__ = function.__kwdefaults__
        return twin
    place: Any = jnp
    for part in (getattr(function, "__module__", None) or "numpy").split(".")[1:]:
        place = getattr(place, part, place)
    return getattr(place, function.__name__)


def listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, (list, tuple)) else [out]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_both_modes(case: Case, data: st.DataObject) -> None:
    if case.name in DIFFERENT:
        pytest.skip(DIFFERENT[case.name])
    xs, params = case.inputs(data)
    outs, pullback = vjp(lambda *zs: listed(case.ours(*zs, **params)), *xs)
    cotangents = [spread(np.asarray(y), 1) for y in outs]
    vs = [spread(x, 2) for x in xs]
    try:
        theirs = functools.partial(in_jax(case.reference), **params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected, their_pullback = jax.vjp(lambda *zs: listed(theirs(*zs)), *xs)
            their_gradients = their_pullback([jnp.asarray(c) for c in cotangents])
            _, their_tangents = jax.jvp(lambda *zs: listed(theirs(*zs)), tuple(xs), tuple(vs))
    except Exception as error:  # of any kind: what JAX does not take it refuses in many ways
        pytest.skip(f"JAX: {type(error).__name__}: {error!s:.200}")
    for y, e in zip(outs, expected, strict=True):
        np.testing.assert_allclose(y, e, rtol=1e-9, atol=1e-9)
    for g, e in zip(pullback(cotangents), their_gradients, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-8, atol=1e-8)
    _, tangents = jvp(lambda *zs: listed(case.ours(*zs, **params)), xs, vs)
    for t, e in zip(tangents, their_tangents, strict=True):
        np.testing.assert_allclose(t, e, rtol=1e-8, atol=1e-8)

"""Every operation of the table: forward against NumPy, derivatives by the gradient check."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, check_gradients, gradients, jvp

from .helpers import leaf
from .numeric import inner, spread
from .strategies import Array
from .table import CASES, COVERED, Case, Params

NARROW = {"f": np.dtype(np.float32), "c": np.dtype(np.complex64)}

every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, (list, tuple)) else [out]


def plain(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else x


def reference(case: Case, xs: Sequence[Array], params: Params) -> list[Array]:
    return [np.asarray(y) for y in listed(case.reference(*xs, **params))]


def assert_same(found: Any, expected: Array) -> None:
    """Equal but for rounding, which in linear algebra is relative to the largest entry."""
    scale = max(1.0, np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected)))
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13 * scale)


def pulled(
    outs: Any, leaves: Sequence[Tensor], cotangents: Sequence[Any], create_graph: bool = False
) -> list[Any]:
    """The gradient of each leaf; zeros where nothing was recorded on the way."""
    pairs = [(y, c) for y, c in zip(listed(outs), cotangents, strict=True) if y.requires_grad]
    found: Sequence[Any] = [None] * len(leaves)
    if pairs:
        ys, cs = zip(*pairs, strict=True)
        found = gradients(list(ys), leaves, cs, create_graph=create_graph, allow_unused=True)
    return [
        np.zeros(x.shape, x.dtype) if g is None else g for g, x in zip(found, leaves, strict=True)
    ]


def test_every_operation_of_the_engine_has_a_case() -> None:
    # In a process of its own: tests and examples declare operations too.
    program = (
        "import importlib, pkgutil, autograd.ops, autograd.special\n"
        "for m in pkgutil.walk_packages(autograd.ops.__path__, 'autograd.ops.'):\n"
        "    importlib.import_module(m.name)\n"
        "print(*autograd.op.OPERATIONS)"
    )
    command = [sys.executable, "-c", program]
    root = Path(autograd.__file__).parents[1]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert set(shown.stdout.split()) == COVERED


@every_case
@given(data=st.data())
def test_forward_is_numpys(case: Case, data: st.DataObject) -> None:
    xs, params = case.inputs(data)
    expected = reference(case, xs, params)
    for inputs in (xs, [Tensor(x) for x in xs], [leaf(x) for x in xs]):
        found = listed(case.ours(*inputs, **params))
        assert len(found) == len(expected)
        for y, e in zip(found, expected, strict=True):
            array = np.asarray(plain(y))
            assert isinstance(y, Tensor) == isinstance(inputs[0], Tensor)
            assert (array.shape, array.dtype) == (e.shape, e.dtype)
            assert_same(array, e)


def _is_empty(case: Case, xs: Sequence[Array], params: Params) -> bool:
    """Whether there is nothing to differentiate, or nothing to differentiate by."""
    return not all(x.size for x in xs) or not any(y.size for y in reference(case, xs, params))


@every_case
@settings(max_examples=max(5, settings.default.max_examples // 3))
@given(data=st.data())
def test_derivatives_are_those_of_the_gradient_check(case: Case, data: st.DataObject) -> None:
    """Both modes and two orders, by some of the inputs; the others are plain arrays."""
    xs, params = case.inputs(data)
    moving = sorted(data.draw(st.sets(st.sampled_from(range(len(xs))), min_size=1)))
    if _is_empty(case, xs, params):
        return  # see the next test

    def along(*moved: Any) -> Any:
        inputs: list[Any] = list(xs)
        for i, x in zip(moving, moved, strict=True):
            inputs[i] = x
        return case.ours(*inputs, **params)

    check_gradients(along, *[xs[i] for i in moving], modes="both", order=2)


@every_case
@given(data=st.data())
def test_both_modes_are_one_linear_map(case: Case, data: st.DataObject) -> None:
    """The adjoint identity, where only rounding differs; shapes and dtypes, also of empty arrays;
    and the same first derivatives where they are recorded."""
    xs, params = case.inputs(data)
    outs = reference(case, xs, params)
    cotangents = [spread(y, 1) for y in outs]
    vs = [spread(x, 2) for x in xs]
    moving = sorted(data.draw(st.sets(st.sampled_from(range(len(xs))), min_size=1)))

    def along(*moved: Any) -> Any:
        inputs: list[Any] = list(xs)
        for i, x in zip(moving, moved, strict=True):
            inputs[i] = x
        return listed(case.ours(*inputs, **params))

    ys, tangents = jvp(along, [xs[i] for i in moving], [vs[i] for i in moving])
    for y, t, e in zip(ys, tangents, outs, strict=True):
        assert_same(y, e)
        assert (np.shape(t), np.asarray(t).dtype) == (e.shape, e.dtype)
    leaves = [leaf(xs[i]) for i in moving]
    found = pulled(along(*leaves), leaves, cotangents)
    for g, t in zip(found, leaves, strict=True):
        assert isinstance(g, np.ndarray)
        assert (g.shape, g.dtype) == (t.shape, t.dtype)
    scale = 1 + sum(np.sum(np.abs(c * t)) for c, t in zip(cotangents, tangents, strict=True))
    pushed, back = inner(cotangents, tangents), inner(found, [vs[i] for i in moving])
    assert abs(pushed - back) <= 1e-11 * scale
    recorded = pulled(along(*leaves), leaves, cotangents, True)
    for g, r in zip(found, recorded, strict=True):
        np.testing.assert_allclose(plain(r), g, rtol=1e-11, atol=1e-11 * scale)


@every_case
@given(data=st.data())
def test_float32_stays_float32(case: Case, data: st.DataObject) -> None:
    """All values are exact in float32, so only the operations' own rounding differs: at most a
    few hundred units of 2**-24 = 6e-8 of the largest intermediate, which 1e-4 covers."""
    xs, params = case.inputs(data)
    narrow = [x.astype(NARROW[x.dtype.kind]) for x in xs]
    expected = reference(case, narrow, params)
    leaves32, leaves64 = [leaf(x) for x in narrow], [leaf(x) for x in xs]
    outs = case.ours(*leaves32, **params)
    assert [y.dtype for y in listed(outs)] == [y.dtype for y in expected]
    cotangents = [spread(y, 1).astype(y.dtype) for y in expected]
    wide = pulled(case.ours(*leaves64, **params), leaves64, cotangents)
    for g, w in zip(pulled(outs, leaves32, cotangents), wide, strict=True):
        assert g.dtype == NARROW[w.dtype.kind]
        scale = 1 + np.max(np.abs(w), initial=0)
        np.testing.assert_allclose(g, w, rtol=0, atol=1e-4 * scale)


@every_case
@given(data=st.data())
def test_each_gradient_has_the_dtype_of_its_input(case: Case, data: st.DataObject) -> None:
    xs, params = case.inputs(data)
    kinds = [data.draw(st.sampled_from([NARROW[x.dtype.kind], x.dtype])) for x in xs]
    leaves = [leaf(x.astype(kind)) for x, kind in zip(xs, kinds, strict=True)]
    outs = case.ours(*leaves, **params)
    expected = reference(case, [x.numpy() for x in leaves], params)
    assert [y.dtype for y in listed(outs)] == [y.dtype for y in expected]
    found = pulled(outs, leaves, [spread(y, 1) for y in expected])
    assert [g.dtype for g in found] == kinds
    assert [g.shape for g in found] == [x.shape for x in xs]


@pytest.mark.parametrize(
    ("case", "kind"),
    [(case, kind) for case in CASES for kind in case.spellings],
    ids=[f"{case.name}-{kind}" for case in CASES for kind in case.spellings],
)
@given(data=st.data())
def test_every_spelling_gives_the_same(case: Case, kind: str, data: st.DataObject) -> None:
    xs, params = case.inputs(data)
    results = []
    for call in (case.ours, case.spellings[kind]):
        leaves = [leaf(x) for x in xs]
        outs = listed(call(*leaves, **params))
        assert all(isinstance(y, Tensor) for y in outs)
        cotangents = [spread(y.data, 1) for y in outs]
        results.append([*(y.numpy() for y in outs), *pulled(outs, leaves, cotangents)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@every_case
@given(data=st.data())
def test_nothing_warns_and_no_input_changes(case: Case, data: st.DataObject) -> None:
    xs, params = case.inputs(data)
    before = [x.copy() for x in xs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        leaves = [leaf(x) for x in xs]
        outs = case.ours(*leaves, **params)
        pulled(outs, leaves, [spread(y.data, 1) for y in listed(outs)])
        case.ours(*xs, **params)
    for x, b, t in zip(xs, before, leaves, strict=True):
        np.testing.assert_array_equal(x, b)
        np.testing.assert_array_equal(t.numpy(), b)

"""Strategies for square matrices that decompositions and solvers are differentiable at."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Size = int | st.SearchStrategy[int]


def orthogonal(n: Size, dtype: Any = np.float64) -> st.SearchStrategy[np.ndarray]:
    """Orthogonal matrices of `n` rows, unitary ones for a complex dtype.

    Products of Householder reflections, which shrink towards a diagonal of signs.

    >>> from hypothesis import given
    >>> @given(orthogonal(3))
    ... def test(q):
    ...     np.testing.assert_allclose(q.T @ q, np.eye(3), atol=1e-14)
    >>> test()
    """
    return _sized(n, lambda k: _vectors(k, k, dtype).map(_reflected))


def positive_definite(
    n: Size, dtype: Any = np.float64, condition: float = 100.0
) -> st.SearchStrategy[np.ndarray]:
    """Symmetric (Hermitian) positive definite matrices; eigenvalues from 1 to `condition`.

    The eigenvalues are different, so eigenvectors are differentiable too.

    >>> from hypothesis import given
    >>> @given(positive_definite(3))
    ... def test(a):
    ...     assert (np.linalg.eigvalsh(a) > 0.9).all() and (a == a.T).all()
    >>> test()
    """

    def build(k: int) -> st.SearchStrategy[np.ndarray]:
        def product(parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
            q, values = parts
            a = (q * values) @ np.conj(q.T)
            return np.asarray((a + np.conj(a.T)) / 2)

        return st.tuples(orthogonal(k, dtype), _spectrum(k, condition)).map(product)

    return _sized(n, build)


def well_conditioned(
    n: Size, dtype: Any = np.float64, condition: float = 100.0
) -> st.SearchStrategy[np.ndarray]:
    """Invertible matrices with different singular values from 1 to `condition`.

    >>> from hypothesis import given
    >>> @given(well_conditioned(3, condition=50))
    ... def test(a):
    ...     assert np.linalg.cond(a) < 51
    >>> test()
    """

    def build(k: int) -> st.SearchStrategy[np.ndarray]:
        parts = st.tuples(orthogonal(k, dtype), _spectrum(k, condition), orthogonal(k, dtype))
        return parts.map(lambda p: np.asarray((p[0] * p[1]) @ p[2]))

    return _sized(n, build)


def _sized(n: Size, build: Any) -> st.SearchStrategy[np.ndarray]:
    return build(n) if isinstance(n, int) else n.flatmap(build)


def _vectors(count: int, n: int, dtype: Any) -> st.SearchStrategy[np.ndarray]:
    elements: Any = st.integers(-8, 8).map(float)
    if np.dtype(dtype).kind == "c":
        elements = st.builds(complex, elements, elements)
    return hnp.arrays(dtype, (count, n), elements=elements)


def _reflected(vectors: np.ndarray) -> np.ndarray:
    """The product of the reflections at the planes orthogonal to `vectors`, without those at 0."""
    q = np.eye(vectors.shape[1], dtype=vectors.dtype)
    for v in vectors:
        length = np.vdot(v, v).real
        if length > 0:
            q = q - np.outer(2 / length * (q @ v), np.conj(v))
    return q


def _spectrum(n: int, condition: float) -> st.SearchStrategy[np.ndarray]:
    """`n` different numbers from 1 to `condition`, in any order, none within a part of 8 n."""
    steps = st.lists(st.integers(0, 8 * n), min_size=n, max_size=n, unique=True)
    return steps.map(lambda ks: condition ** (np.array(ks, float) / (8 * n)))

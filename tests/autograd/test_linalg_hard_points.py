"""Singular matrices, equal values, free phases, zeros, and the errors of linear algebra."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, check_gradients, grad, gradients, hessian, jvp, linalg
from autograd.linalg import LinAlgError

from .helpers import leaf, refuses
from .numeric import spread

RANKS = {
    "zero": np.zeros((3, 3)),
    "rank 1": np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]),
    "rank 2": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "identity": np.eye(3),
    "rank 3": np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.5, 1.0, 4.0]]),
}
every_rank = pytest.mark.parametrize("a", RANKS.values(), ids=RANKS.keys())


# --- determinants -----------------------------------------------------------------------


def polynomial_det(a: Any) -> Any:
    """Leibniz's formula: a polynomial, differentiated as one."""
    n = a.shape[-1]
    total = 0.0
    for order in itertools.permutations(range(n)):
        sign = np.linalg.det(np.eye(n)[list(order)])
        term = sign
        for i, j in enumerate(order):
            term = term * a[..., i, j]
        total = total + term
    return total


@every_rank
def test_det_at_any_rank(a: np.ndarray) -> None:
    np.testing.assert_allclose(grad(linalg.det)(a), grad(polynomial_det)(a), atol=1e-13)
    found, expected = hessian(linalg.det)(a), hessian(polynomial_det)(a)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_det_of_small_and_of_singular_complex_matrices() -> None:
    assert grad(linalg.det)(np.zeros((1, 1))) == 1
    assert grad(linalg.det)(np.zeros((0, 0))).shape == (0, 0)
    np.testing.assert_allclose(
        hessian(linalg.det)(np.zeros((2, 2))), hessian(polynomial_det)(np.zeros((2, 2)))
    )
    a = np.outer([1, 2j, 3], [1j, -1, 2 + 1j])
    pulled = []
    for det in (linalg.det, polynomial_det):
        z = leaf(a + 0j)
        pulled += gradients(det(z), z, 2 - 1j)
    np.testing.assert_allclose(*pulled, atol=1e-13)


def test_third_derivative_of_det() -> None:
    v = spread((3, 3), 1)

    def second(f: Any, a: Any) -> Any:
        return (grad(lambda x: (grad(f)(x) * v).sum())(a) * v).sum()

    for a in (RANKS["rank 3"], 3 * np.eye(3)):
        found = grad(lambda x: second(linalg.det, x))(a)
        expected = grad(lambda x: second(polynomial_det, x))(a)
        np.testing.assert_allclose(found, expected, atol=1e-12)
    with refuses(LinAlgError, "third", "det", "singular"):
        grad(lambda x: second(linalg.det, x))(RANKS["rank 2"])
    small = grad(lambda x: (grad(lambda y: (grad(linalg.det)(y) * v[:2, :2]).sum())(x)).sum())
    np.testing.assert_array_equal(small(np.ones((2, 2))), np.zeros((2, 2)))


# --- singular matrices ------------------------------------------------------------------


def test_singular_matrices_are_numpys_error() -> None:
    singular = leaf([[1.0, 2.0], [2.0, 4.0]])
    for call in (linalg.inv, lambda t: linalg.solve(t, np.ones(2)), np.linalg.inv):
        with refuses(LinAlgError, "Singular", "(2, 2)"):
            call(singular)
    with refuses(LinAlgError, "cholesky", "ositive definite"):
        linalg.cholesky(leaf(-np.eye(2)))
    sign, logabsdet = linalg.slogdet(singular)
    assert (sign.item(), logabsdet.item()) == (0, -np.inf)
    with refuses(LinAlgError, "logabsdet", "Singular"):
        logabsdet.backward()
    _, r = linalg.qr(leaf(np.zeros((2, 2))))
    with refuses(LinAlgError, "qr", "Singular"):
        r.sum().backward()


@pytest.mark.parametrize("name", ["inv", "det", "slogdet", "eig", "eigh", "eigvals", "eigvalsh",
                                  "cholesky"])  # fmt: skip
def test_matrices_that_are_not_square(name: str) -> None:
    with refuses(LinAlgError, name, "(2, 3)"):
        getattr(linalg, name)(leaf(np.ones((2, 3))))
    with refuses(LinAlgError, name, "(2, 3)"):
        getattr(np.linalg, name)(leaf(np.ones((2, 3))))
    with refuses(LinAlgError):
        getattr(linalg, name)(leaf(np.ones(2)))


def test_condition_of_a_singular_matrix() -> None:
    singular = leaf([[1.0, 0.0], [0.0, 0.0]])
    assert linalg.cond(singular).item() == np.inf
    assert linalg.cond(singular, -2).item() == 0
    with refuses(LinAlgError, "Singular"):
        linalg.cond(singular, 1)
    with refuses(LinAlgError, "empty"):
        linalg.cond(leaf(np.zeros((0, 0))))


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 3)])
def test_pinv_and_lstsq_at_constant_rank(shape: tuple[int, int]) -> None:
    """Matrices of rank 2, moved within those of rank 2: products of two factors."""
    m, n = shape
    factors = [spread((m, 2), 1), spread((2, n), 2)]
    b = spread((m,), 3)

    def both(x: Any, y: Any) -> Any:
        a = x @ y
        return linalg.pinv(a, 1e-10), linalg.lstsq(a, b, 1e-10)[0]

    check_gradients(both, *factors)
    x, y = leaf(factors[0]), leaf(factors[1])
    _, residuals, rank, _ = linalg.lstsq(x @ y, b, 1e-10)
    assert (residuals.shape, rank) == ((0,), 2)


# --- equal eigenvalues and singular values ----------------------------------------------


def test_singular_values_of_least_squares() -> None:
    t, b = leaf(spread((3, 2), 1)), leaf(spread((3,), 2))
    (found,) = gradients(linalg.lstsq(t, b)[3] @ [1.0, 2.0], t)
    (expected,) = gradients(linalg.svdvals(t) @ [1.0, 2.0], t)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    np.testing.assert_array_equal(linalg.lstsq(t.data, b)[3], np.linalg.lstsq(t.data, b.data)[3])


def test_symmetric_functions_of_equal_values() -> None:
    a = leaf(2 * np.eye(3))
    for values in (linalg.eigvalsh, linalg.svdvals, linalg.eigvals):
        (found,) = gradients((values(a) ** 2).sum(), a)
        np.testing.assert_allclose(found, 4 * np.eye(3), atol=1e-14)
    (found,) = gradients(linalg.norm(a, 2), a)  # the largest of equal ones: shared
    np.testing.assert_allclose(np.trace(found), 1)
    (found,) = gradients(linalg.norm(a, "nuc"), a)
    np.testing.assert_allclose(found, np.eye(3), atol=1e-14)


@pytest.mark.parametrize("a", [np.eye(3), np.diag([1.0, 1.0 + 2e-16, 3.0])], ids=["eye", "near"])
def test_vectors_of_equal_values(a: np.ndarray) -> None:
    for vectors in (
        lambda t: linalg.eigh(t).eigenvectors,
        lambda t: linalg.eig(t).eigenvectors,
        lambda t: linalg.svd(t).U,
        lambda t: linalg.svd(t).Vh,
    ):
        t = leaf(a)
        with refuses(LinAlgError, "equal", "vectors"):
            (vectors(t) * spread((3, 3), 1)).sum().backward()
        _, tangent = jvp(vectors, (a,), (spread((3, 3), 2),))
        assert np.isnan(tangent).any()


def test_vectors_of_other_values_and_the_values_stay_differentiable() -> None:
    a = np.diag([1.0, 1.0, 3.0])
    t = leaf(a)
    w, v = linalg.eigh(t)
    top = v[:, 2]
    (found,) = gradients((top * [1.0, 2.0, 3.0]).sum() + w.sum(), t)
    # dv = sum over the others of v_i (v_i^T dA v) / (3 - 1), each entry beside the diagonal read
    # from the lower triangle.
    expected = np.eye(3)
    expected[2, :2] = np.array([1.0, 2.0]) / 2 * np.sign(v.data[2, 2])
    np.testing.assert_allclose(found, expected, atol=1e-14)

    def of_top(x: Any) -> Any:
        return linalg.eigh(x).eigenvectors[:, 2]

    direction = spread((3, 3), 1)
    _, tangent = jvp(of_top, (a,), (direction,))
    expected_tangent = np.array([direction[2, 0], direction[2, 1], 0]) / 2 * np.sign(v.data[2, 2])
    np.testing.assert_allclose(tangent, expected_tangent, atol=1e-14)


def test_defective_matrices() -> None:
    t = leaf([[1.0, 1.0], [0.0, 1.0]])
    assert linalg.eigvals(t).tolist() == [1, 1]
    with refuses(LinAlgError, "eigvals", "defective"):
        linalg.eigvals(t).sum().backward()


def test_vectors_that_full_matrices_adds() -> None:
    a = spread((4, 2), 1)
    t = leaf(a)
    u, s, vh = linalg.svd(t)
    assert u.shape == (4, 4)
    found = gradients((u[:, :2] ** 3).sum() + s.sum() + (vh**3).sum(), t)
    thin = linalg.svd(t, full_matrices=False)
    expected = gradients((thin.U**3).sum() + thin.S.sum() + (thin.Vh**3).sum(), t)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-13)
    with refuses(LinAlgError, "full_matrices"):
        gradients((linalg.svd(t).U ** 3).sum(), t)
    _, tangent = jvp(lambda x: linalg.svd(x).U, (a,), (spread((4, 2), 2),))
    np.testing.assert_array_equal(np.isnan(tangent), np.array([[False, False, True, True]] * 4))


def test_singular_vectors_of_a_value_of_zero() -> None:
    t = leaf([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    u, s, _ = linalg.svd(t, full_matrices=False)
    with refuses(LinAlgError, "singular value is 0"):
        gradients((u**3).sum(), t)
    np.testing.assert_array_equal(gradients(s.sum(), t)[0], [[1, 0], [0, 0], [0, 0]])


# --- triangles that are not read, and phases --------------------------------------------


@pytest.mark.parametrize(("uplo", "read"), [("L", np.tril), ("U", np.triu)])
def test_only_one_triangle_is_read(uplo: str, read: Any) -> None:
    a = np.array([[4.0, 1.0], [1.0, 3.0]])
    half = np.where(read(np.ones((2, 2))) > 0, a, np.nan)
    for call in (
        lambda t: linalg.eigvalsh(t, uplo).sum() + (linalg.eigh(t, uplo).eigenvectors ** 3).sum(),
        lambda t: linalg.cholesky(t, upper=uplo == "U").sum(),
    ):
        found = grad(call)(half)
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, read(found))
    with refuses(ValueError, "UPLO"):
        linalg.eigh(leaf(a), "X")
    with refuses(ValueError, "UPLO"):
        linalg.eigvalsh(leaf(a), "X")


@pytest.mark.parametrize("name", ["eigh", "eig", "svd"])
def test_a_loss_that_depends_on_a_phase(name: str) -> None:
    z = leaf(RANKS["rank 3"] + 1j * spread((3, 3), 1))
    vectors = getattr(linalg, name)(z)[-1]
    with refuses(LinAlgError, "phase"):
        gradients(vectors.sum(), z, 1 + 0.5j)
    magnitudes = autograd.abs(getattr(linalg, name)(z)[-1])
    assert np.isfinite(gradients((magnitudes**2 * spread((3, 3), 2)).sum(), z)[0]).all()


# --- norms ------------------------------------------------------------------------------

VECTOR_ORDERS = [None, 0, 1, 2, 3, 1.5, 0.5, -1, np.inf, -np.inf]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.filterwarnings("ignore:divide by zero")  # NumPy's own, of 0 to a negative power
@pytest.mark.parametrize("order", VECTOR_ORDERS, ids=str)
def test_gradient_of_a_vector_norm_at_zero(order: Any) -> None:
    zero = np.zeros(3)
    np.testing.assert_array_equal(grad(lambda x: linalg.norm(x, order))(zero), zero)
    np.testing.assert_array_equal(hessian(lambda x: linalg.norm(x, order))(zero), np.zeros((3, 3)))
    assert linalg.norm(leaf(zero), order).item() == np.linalg.norm(zero, order)


@pytest.mark.parametrize("order", MATRIX_ORDERS, ids=str)
def test_gradient_of_a_matrix_norm_at_zero(order: Any) -> None:
    zero = np.zeros((2, 3))
    np.testing.assert_array_equal(grad(lambda x: linalg.norm(x, order))(zero), zero)


@pytest.mark.parametrize("order", [3, 1.5, 0.5])
def test_norm_with_some_entries_zero(order: float) -> None:
    found = grad(lambda x: linalg.norm(x, order))(np.array([0.0, 2.0, 0.0]))
    np.testing.assert_allclose(found, [0, 1, 0])


@pytest.mark.parametrize("order", [1, 2, np.inf, "fro", "nuc"])
def test_norms_of_empty_matrices(order: Any) -> None:
    t = leaf(np.zeros((0, 3)))
    y = linalg.norm(t, order)
    assert y.item() == np.linalg.norm(np.zeros((0, 3)), order)
    assert gradients(y, t)[0].shape == (0, 3)


def test_what_no_norm_is() -> None:
    t = leaf(np.ones((2, 2, 2)))
    with refuses(ValueError, "norm", "axes"):
        linalg.norm(t, 2)
    with refuses(ValueError, "norm", "'fro'"):
        linalg.norm(t, "fro", axis=0)
    with refuses(ValueError, "norm", "3"):
        linalg.norm(t, 3, axis=(0, 1))
    with refuses(ValueError, "norm", "axis"):
        linalg.norm(t, 2, axis=(0, 0))
    with refuses(ValueError, "nuc"):
        linalg.vector_norm(t, ord="nuc")


# --- results and spellings --------------------------------------------------------------


def test_results_are_numpys_named_tuples() -> None:
    a = RANKS["rank 3"]
    for name in ("eig", "eigh", "svd", "qr", "slogdet"):
        found = getattr(np.linalg, name)(leaf(a))
        expected = getattr(np.linalg, name)(a)
        assert type(found) is type(expected)
        for y, e in zip(found, expected, strict=True):
            assert isinstance(y, Tensor)
            np.testing.assert_allclose(y.data, e, rtol=1e-13)
        for y, e in zip(getattr(linalg, name)(a), expected, strict=True):
            np.testing.assert_array_equal(y, e)


def test_writing_into_a_factor_changes_no_gradient() -> None:
    t = leaf(RANKS["rank 3"])
    (expected,) = gradients(linalg.eigh(t).eigenvalues @ [1.0, 2.0, 3.0], t)
    w, v = linalg.eigh(t)
    v.data[...] = 0
    np.testing.assert_array_equal(gradients(w @ [1.0, 2.0, 3.0], t)[0], expected)


def test_modes_of_qr() -> None:
    t = leaf(spread((4, 2), 1))
    for mode in ("raw", "complete"):
        with refuses(NotImplementedError, "qr", mode, "reduced"):
            linalg.qr(t, mode)
    with refuses(ValueError, "qr", "nonsense"):
        linalg.qr(t, "nonsense")


def test_powers_that_need_no_product() -> None:
    t = leaf(np.ones((2, 2)))
    same = linalg.matrix_power(t, 1)
    same += 1.0
    assert t.tolist() == [[1, 1], [1, 1]]
    assert not linalg.matrix_power(t, 0).requires_grad
    with refuses(TypeError):
        linalg.matrix_power(t, 0.5)  # type: ignore[arg-type]
    with refuses(LinAlgError, "(2, 3)"):
        linalg.matrix_power(leaf(np.ones((2, 3))), 2)


def test_chains_of_wrong_shapes() -> None:
    with refuses(ValueError, "multi_dot", "two"):
        linalg.multi_dot([leaf(np.ones((2, 2)))])
    with refuses(LinAlgError, "multi_dot", "(2,)"):
        linalg.multi_dot([np.ones((2, 2)), leaf(np.ones(2)), np.ones((2, 2))])


def test_stricter_forms_of_numpy_2() -> None:
    t = leaf(np.ones((2, 2)))
    with refuses(ValueError, "outer", "(2, 2)"):
        linalg.outer(t, t)
    with refuses(ValueError, "cross", "2"):
        linalg.cross(t, t)
    with refuses(ValueError, "(3,)"):
        linalg.trace(leaf(np.ones(3)))
    with refuses(TypeError, "trace", "dtype"):
        np.linalg.trace(t, dtype=np.float32)
    assert np.linalg.matrix_rank(t) == 1


# --- condition numbers ------------------------------------------------------------------


def test_equal_singular_values_share_the_gradient_of_cond() -> None:
    for a, p, expected in [
        (np.diag([2.0, 2.0, 1.0]), None, np.diag([0.5, 0.5, -2.0])),
        (np.diag([2.0, 1.0, 1.0]), 2, np.diag([1.0, -1.0, -1.0])),
        (np.diag([2.0, 2.0, 1.0]), -2, np.diag([-0.125, -0.125, 0.5])),
        (np.eye(3), None, np.zeros((3, 3))),
    ]:
        np.testing.assert_allclose(grad(lambda x, p=p: linalg.cond(x, p))(a), expected, atol=1e-15)
        pushed = jvp(lambda x, p=p: linalg.cond(x, p), (a,), (np.diag([1.0, 2.0, 4.0]),))[1]
        assert np.isclose(pushed, np.diag(expected) @ [1.0, 2.0, 4.0])


def test_cond_of_zeros_is_numpys() -> None:
    a = np.stack([np.zeros((2, 2)), np.diag([4.0, 2.0])])
    for p in (None, 2, -2):
        for x in (Tensor(a), leaf(a)):
            np.testing.assert_array_equal(linalg.cond(x, p).numpy(), np.linalg.cond(a, p))

"""What the functions of nn.functional compute, against independent NumPy formulas."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, gradients
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses, unless_refused
from ..autograd.numeric import spread
from ..autograd.strategies import Array, shapes

RTOL, ATOL = 1e-13, 1e-15  # a few hundred roundings of float64; near-cancelling entries absolutely
REDUCTIONS = ["mean", "sum", "none"]


def sigmoid(x: Array) -> Array:
    return np.exp(-np.logaddexp(0, -x))


def signs(x: Array) -> Array:
    """Targets -1 and 1."""
    return np.where(x > 0, 1.0, -1.0)


Formula = Callable[[Array, Array], Array]

# Each loss of one number per element: how predictions and targets are made from numbers in
# [-1, 1], its value, and its derivative by the prediction.
ELEMENTWISE: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array], Formula, Formula]]
ELEMENTWISE = {
    "mse_loss": (
        lambda x: 3 * x, lambda y: y, lambda x, y: (x - y) ** 2, lambda x, y: 2 * (x - y)
    ),
    "binary_cross_entropy": (
        lambda x: 0.5 + 0.45 * x,
        lambda y: 0.5 + 0.5 * y,
        lambda x, y: -(y * np.log(x) + (1 - y) * np.log(1 - x)),
        lambda x, y: (1 - y) / (1 - x) - y / x,
    ),
    "binary_cross_entropy_with_logits": (
        lambda x: 3 * x,
        lambda y: 0.5 + 0.5 * y,
        lambda x, y: y * np.logaddexp(0, -x) + (1 - y) * np.logaddexp(0, x),
        lambda x, y: sigmoid(x) - y,
    ),
    "hinge_loss": (
        lambda x: 3 * x,
        signs,
        lambda x, y: np.maximum(0, 1 - x * y),
        lambda x, y: np.where(x * y < 1, -y, 0),
    ),
}  # fmt: skip
every = pytest.mark.parametrize("name", ELEMENTWISE)
each_reduction = pytest.mark.parametrize("reduction", REDUCTIONS)


def reduced(losses: Array, reduction: str) -> Any:
    functions: dict[str, Any] = {"mean": np.mean, "sum": np.sum, "none": np.asarray}
    return functions[reduction](losses)


def weights(shape: tuple[int, ...], reduction: str, seed: int) -> tuple[Any, Array]:
    """A cotangent of the reduced loss, and what each unreduced loss gets of it."""
    if reduction == "none":
        c = spread(shape, seed)
        return c, c
    return np.array(1.5), np.full(shape, 1.5 / (np.prod(shape) if reduction == "mean" else 1))


# --- losses of one number per element ----------------------------------------------------


@every
@each_reduction
@given(shape=shapes.filter(lambda s: 0 not in s), seed=st.integers(0, 1000))
def test_values_and_gradients(name: str, reduction: str, shape: tuple[int, ...], seed: int) -> None:
    prediction, target, loss, slope = ELEMENTWISE[name]
    x, y = prediction(spread(shape, seed)), target(spread(shape, seed + 1))
    function = getattr(F, name)
    expected = reduced(loss(x, y), reduction)
    np.testing.assert_allclose(function(x, y, reduction=reduction), expected, RTOL, ATOL)
    input = leaf(x)
    found = function(input, y, reduction=reduction)
    np.testing.assert_allclose(found.numpy(), expected, RTOL, ATOL)
    c, share = weights(shape, reduction, seed)
    found.backward(c)
    np.testing.assert_allclose(input.grad, share * slope(x, y), RTOL, ATOL)


@every
def test_the_mean_is_the_default(name: str) -> None:
    prediction, target, loss, _ = ELEMENTWISE[name]
    x, y = prediction(spread((3, 2), 1)), target(spread((3, 2), 2))
    assert getattr(F, name)(x, y) == pytest.approx(loss(x, y).mean(), rel=1e-14)


@every
def test_gradients_by_the_target(name: str) -> None:
    prediction, target, loss, _ = ELEMENTWISE[name]
    x, y = prediction(spread((4,), 1)), target(spread((4,), 2))
    if name == "hinge_loss":
        expected = np.where(x * y < 1, -x, 0)
    else:  # linear or quadratic in the target: a central difference is exact
        expected = loss(x, y + 0.5) - loss(x, y - 0.5)
    wanted = leaf(y)
    getattr(F, name)(x, wanted, reduction="sum").backward()
    np.testing.assert_allclose(wanted.grad, expected, rtol=1e-12, atol=1e-14)


@every
def test_float32_stays_float32(name: str) -> None:
    prediction, target, _, slope = ELEMENTWISE[name]
    x = prediction(spread((4,), 1)).astype(np.float32)
    y = target(spread((4,), 2)).astype(np.float32)
    for t in (y, Tensor(y)):
        input = leaf(x)
        loss = getattr(F, name)(input, t, reduction="sum")
        assert loss.dtype == np.float32
        loss.backward()
        assert input.grad.dtype == np.float32
        np.testing.assert_allclose(input.grad, slope(x, y), rtol=1e-5)


@every
@pytest.mark.parametrize("dtype", [int, bool])
def test_targets_of_integers_take_the_inputs_dtype(name: str, dtype: type) -> None:
    x = np.array([0.25, 0.75], np.float32)
    y: Any = np.array([1, 1], dtype)
    targets: tuple[Any, ...] = (y, y.tolist(), Tensor(y))
    for t in targets:
        loss = getattr(F, name)(leaf(x), t)
        assert loss.dtype == np.float32
        assert loss.item() == getattr(F, name)(x, y.astype(np.float32))


@every
@pytest.mark.parametrize(
    ("x", "y"), [((3,), (4,)), ((3, 1), (3,)), ((3, 2), (3,)), ((), (3,)), ((0,), (1,))]
)
def test_batches_of_different_lengths(name: str, x: tuple[int, ...], y: tuple[int, ...]) -> None:
    """Also where NumPy would broadcast: the average would be over the wrong pairs."""
    for input in (np.full(x, 0.5), leaf(np.full(x, 0.5))):
        with refuses(ValueError, name, str(x), str(y)):
            getattr(F, name)(input, np.ones(y))


@every
def test_an_unknown_reduction(name: str) -> None:
    with refuses(ValueError, "reduction", "'avg'", "'mean'"):
        getattr(F, name)(np.array([0.5]), np.array([1.0]), reduction="avg")


@every
def test_values_are_not_taken_for_plain_numbers(name: str) -> None:
    for x in (Value(0.5), [Value(0.5), Value(0.5)]):
        with refuses(TypeError, "detach"):
            getattr(F, name)(x, np.ones(np.shape(x)))


@every
def test_a_target_array_changed_after_the_forward_pass(name: str) -> None:
    prediction, target, _, slope = ELEMENTWISE[name]
    x, y = prediction(spread((4,), 1)), target(spread((4,), 2))
    expected = slope(x, y)
    input = leaf(x)
    loss = getattr(F, name)(input, y, reduction="sum")
    y[:] = 1 - y
    found = unless_refused(lambda: gradients(loss, input), RuntimeError, "written to")
    if found is not None:
        np.testing.assert_allclose(found[0], expected, RTOL, ATOL)


@every
def test_an_empty_batch(name: str) -> None:
    """Sum zero, and PyTorch's nan for the mean of nothing."""
    x = leaf(np.zeros((0, 3)))
    y = np.zeros((0, 3))
    function = getattr(F, name)
    assert function(x, y, reduction="sum").item() == 0.0
    assert function(x, y, reduction="none").shape == (0, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's: mean of empty slice
        loss = function(x, y)
        loss.backward()
    assert np.isnan(loss.item())
    assert x.grad.shape == (0, 3)


# --- the extremes ------------------------------------------------------------------------


def test_large_logits_in_binary_cross_entropy() -> None:
    x, y = leaf([1000.0, -1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 0.0, 1.0])
    losses = F.binary_cross_entropy_with_logits(x, y, reduction="none")
    assert losses.tolist() == [0.0, 0.0, 1000.0, 1000.0]
    losses.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0, -1.0]


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-6), (float, 1e-14)])
def test_small_losses_keep_their_precision(dtype: Any, rtol: float) -> None:
    """log(1 + exp(-x)) for the target 1: not the difference of two large numbers."""
    x = np.array([2.0, 5.0, 10.0, 15.0, 20.0, 40.0], dtype)
    expected = np.log1p(np.exp(-x.astype(float)))
    up = F.binary_cross_entropy_with_logits(x, np.ones(6, dtype), reduction="none")
    down = F.binary_cross_entropy_with_logits(-x, np.zeros(6, dtype), reduction="none")
    np.testing.assert_allclose(down, expected, rtol)
    np.testing.assert_allclose(up, expected, rtol)


def test_probabilities_of_zero_and_one() -> None:
    """PyTorch's cuts: the logarithm at -100, the slope's denominator at 1e-12."""
    x, y = leaf([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = F.binary_cross_entropy(x, y, reduction="none")
        losses.sum().backward()
    assert losses.tolist() == [0.0, 0.0, 100.0, 100.0]
    np.testing.assert_allclose(x.grad, [0.0, 0.0, -1e12, 1e12])


def test_the_gradient_by_the_target_at_probabilities_of_zero_and_one() -> None:
    x, y = np.array([0.0, 1.0]), leaf([0.5, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        F.binary_cross_entropy(x, y, reduction="sum").backward()
    assert y.grad.tolist() == [100.0, -100.0]


@pytest.mark.parametrize("x", [[-0.1, 0.5], [0.5, 1.1], [np.nan, 0.5]])
def test_what_is_no_probability(x: list[float]) -> None:
    with refuses(ValueError, "binary_cross_entropy", "sigmoid", "with_logits"):
        F.binary_cross_entropy(leaf(x), np.array([1.0, 0.0]))


@pytest.mark.parametrize("y", [[0.0, 1.0], [0.5, 1.0], [2.0, -1.0]])
def test_hinge_targets_of_another_kind(y: list[float]) -> None:
    with refuses(ValueError, "hinge_loss", "-1 or 1"):
        F.hinge_loss(leaf([0.5, 0.5]), np.array(y))


# --- cross-entropy -----------------------------------------------------------------------


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    p: Array = e / e.sum(-1, keepdims=True)
    return p


def cross_entropies(x: Array, labels: Array) -> Array:
    """The definition, by exact sums of exponentials of moderate logits."""
    return np.array(
        [np.log(sum(np.exp(row))) - row[label] for row, label in zip(x, labels, strict=True)]
    )


@st.composite
def classified(draw: st.DrawFn) -> tuple[Array, Array]:
    rows, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    x = 3 * spread((rows, classes), draw(st.integers(0, 1000)))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return x, np.array(labels)


@each_reduction
@given(classified())
def test_cross_entropy(reduction: str, example: tuple[Array, Array]) -> None:
    x, labels = example
    expected = reduced(cross_entropies(x, labels), reduction)
    np.testing.assert_allclose(
        F.cross_entropy(x, labels, reduction=reduction), expected, RTOL, 1e-14
    )
    input = leaf(x)
    loss = F.cross_entropy(input, labels, reduction=reduction)
    np.testing.assert_allclose(loss.numpy(), expected, RTOL, 1e-14)
    c, share = weights((len(x),), reduction, 3)
    loss.backward(c)
    slope = softmax(x) - np.eye(x.shape[1])[labels]
    np.testing.assert_allclose(input.grad, share[:, None] * slope, RTOL, ATOL)


@each_reduction
@given(classified())
def test_the_second_derivative_of_cross_entropy(
    reduction: str, example: tuple[Array, Array]
) -> None:
    """Row by row diag(p) - p p^T, on a direction of two-sided weights."""
    x, labels = example
    input, d = leaf(x), spread(x.shape, 4)
    loss = F.cross_entropy(input, labels, reduction=reduction)
    c, share = weights((len(x),), reduction, 3)
    (slope,) = gradients(loss, input, c, create_graph=True)
    (found,) = gradients(slope, input, d)
    p = softmax(x)
    expected = share[:, None] * (p * d - p * (p * d).sum(1, keepdims=True))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@given(classified())
def test_class_probabilities(example: tuple[Array, Array]) -> None:
    x, labels = example
    one_hot = np.eye(x.shape[1])[labels]
    assert F.cross_entropy(x, one_hot) == pytest.approx(F.cross_entropy(x, labels), abs=1e-14)
    y = softmax(spread(x.shape, 5))
    for reduction in REDUCTIONS:
        log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
        expected = reduced(-(y * log_p).sum(1), reduction)
        input = leaf(x)
        loss = F.cross_entropy(input, y, reduction=reduction)
        np.testing.assert_allclose(loss.numpy(), expected, RTOL, 1e-14)
        c, share = weights((len(x),), reduction, 3)
        loss.backward(c)
        np.testing.assert_allclose(
            input.grad, share[:, None] * (softmax(x) - y), rtol=1e-12, atol=1e-14
        )


def test_class_probabilities_that_record_get_their_gradient_or_an_error() -> None:
    x, y = 3 * spread((2, 3), 1), leaf(softmax(spread((2, 3), 2)))
    logits = leaf(x)
    loss = unless_refused(lambda: F.cross_entropy(logits, y), TypeError, "cross_entropy")
    if loss is not None:
        loss.backward()
        log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
        np.testing.assert_allclose(y.grad, -log_p / 2, RTOL)


def test_one_row_without_a_batch_axis() -> None:
    x = spread((3,), 1)
    expected = F.cross_entropy(x[None], np.array([2]))
    for reduction in REDUCTIONS:
        for label in (2, np.array(2), np.int64(2), Tensor(2)):
            loss = F.cross_entropy(leaf(x), label, reduction=reduction)
            assert loss.shape == ()
            assert loss.item() == expected
    assert F.cross_entropy(x, softmax(x)).shape == ()


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int8, np.uint8, np.uint64])
def test_labels_of_any_integer_type(dtype: Any) -> None:
    x, labels = spread((3, 4), 1), np.array([3, 0, 2])
    expected = F.cross_entropy(x, labels)
    for given_ in (labels.astype(dtype), Tensor(labels.astype(dtype)), labels.tolist()):
        assert F.cross_entropy(x, given_) == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_cross_entropy(dtype: Any) -> None:
    x = leaf(spread((3, 4), 1), dtype)
    for reduction in REDUCTIONS:
        loss = F.cross_entropy(x, np.array([3, 0, 2]), reduction=reduction)
        assert loss.dtype == dtype
        (g,) = gradients(loss.sum(), x)
        assert g.dtype == dtype
    assert F.cross_entropy(x, softmax(x.numpy()), reduction="none").dtype == dtype


def test_large_logits_in_cross_entropy() -> None:
    x = leaf([[1000.0, -1000.0], [1000.0, -1000.0], [-1000.0, -1000.0]])
    losses = F.cross_entropy(x, np.array([0, 1, 0]), reduction="none")
    np.testing.assert_allclose(losses.numpy(), [0.0, 2000.0, np.log(2)], rtol=1e-15)
    (slope,) = gradients(losses.sum(), x, create_graph=True)
    assert slope.tolist() == [[0.0, 0.0], [1.0, -1.0], [-0.5, 0.5]]
    (second,) = gradients(slope, x, [[1.0, 0.0]] * 3)
    assert second.tolist() == [[0.0, 0.0], [0.0, 0.0], [0.25, -0.25]]


def test_class_probabilities_of_large_logits() -> None:
    x = leaf([[1000.0, -1000.0], [1000.0, -1000.0]])
    losses = F.cross_entropy(x, np.array([[1.0, 0.0], [0.5, 0.5]]), reduction="none")
    assert losses.tolist() == [0.0, 1000.0]
    losses.sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0], [0.5, -0.5]]


@pytest.mark.parametrize(
    ("labels", "row"), [([0, 3], 1), ([-1, 0], 0), ([0, 10**9], 1), ([0, -(10**9)], 1)]
)
def test_labels_out_of_range(labels: list[int], row: int) -> None:
    for x in (np.zeros((2, 3)), leaf(np.zeros((2, 3)))):
        with refuses(IndexError, "cross_entropy", f"label {labels[row]}", f"row {row}", "0 to 2"):
            F.cross_entropy(x, np.array(labels))


@pytest.mark.parametrize("labels", [np.array([127, -1], np.int8), np.array([0, 300], np.uint16)])
def test_narrow_labels_out_of_range(labels: Array) -> None:
    with refuses(IndexError, f"label {labels[1]}", "row 1"):
        F.cross_entropy(np.zeros((2, 200)), labels)


@pytest.mark.parametrize("labels", [[0], [0, 1, 2], [[0, 1]], [[0], [1]], 0])
def test_a_wrong_number_of_labels(labels: Any) -> None:
    shape = np.shape(labels)
    with refuses(ValueError, "cross_entropy", str(shape), "2 rows", "one class index"):
        F.cross_entropy(leaf(np.zeros((2, 3))), np.array(labels))


@pytest.mark.parametrize("target", [[0.0, 1.0], [[0.5, 0.5]], None, "ab"])
def test_targets_of_another_kind(target: Any) -> None:
    with refuses((TypeError, ValueError), "cross_entropy"):
        F.cross_entropy(leaf(np.zeros((2, 3))), target)


@pytest.mark.parametrize("shape", [(), (2, 3, 4)])
def test_logits_of_another_shape(shape: tuple[int, ...]) -> None:
    with refuses(ValueError, "cross_entropy", str(shape), "(rows, classes"):
        F.cross_entropy(np.zeros(shape), np.zeros(shape[:1], int))


def test_an_unknown_reduction_of_cross_entropy() -> None:
    for target in (np.array([0, 1]), np.eye(2)):
        with refuses(ValueError, "reduction", "'avg'", "'mean'"):
            F.cross_entropy(np.eye(2), target, reduction="avg")


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
@pytest.mark.parametrize("create_graph", [False, True])
def test_labels_changed_after_the_forward_pass(dtype: Any, create_graph: bool) -> None:
    x, labels = spread((3, 4), 1), np.array([3, 0, 2], dtype)
    expected = (softmax(x) - np.eye(4)[labels]) / 3
    input = leaf(x)
    loss = F.cross_entropy(input, labels)
    labels[:] = 1
    found = unless_refused(
        lambda: gradients(loss, input, create_graph=create_graph), RuntimeError, "written to"
    )
    if found is not None:
        slope = found[0].numpy() if create_graph else found[0]
        np.testing.assert_allclose(slope, expected, RTOL, ATOL)


def test_an_empty_batch_of_logits() -> None:
    labels = np.zeros(0, int)
    x = leaf(np.zeros((0, 3)))
    assert F.cross_entropy(x, labels, reduction="none").shape == (0,)
    loss = F.cross_entropy(x, labels, reduction="sum")
    loss.backward()
    assert loss.item() == 0.0
    assert x.grad.shape == (0, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's: invalid value
        assert np.isnan(F.cross_entropy(x, labels).item())


def test_masked_logits() -> None:
    """-inf rules a class out: probability and gradient zero."""
    x = leaf([[0.0, -np.inf, 0.0]])
    loss = F.cross_entropy(x, np.array([2]))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(2))
    assert x.grad.tolist() == [[0.5, 0.0, -0.5]]


# --- second derivatives of the logistic loss ---------------------------------------------


@each_reduction
def test_the_second_derivative_of_binary_cross_entropy(reduction: str) -> None:
    x, y = 3 * spread((2, 3), 1), 0.5 + 0.5 * spread((2, 3), 2)
    input, d = leaf(x), spread((2, 3), 4)
    c, share = weights((2, 3), reduction, 3)
    loss = F.binary_cross_entropy_with_logits(input, y, reduction=reduction)
    (slope,) = gradients(loss, input, c, create_graph=True)
    (found,) = gradients(slope, input, d, create_graph=True)
    s = sigmoid(x)
    np.testing.assert_allclose(found.numpy(), share * d * s * (1 - s), rtol=1e-12)
    (third,) = gradients(found, input, np.ones((2, 3)))
    np.testing.assert_allclose(third, share * d * s * (1 - s) * (1 - 2 * s), rtol=1e-11, atol=1e-14)


def test_the_second_derivative_of_large_logits_is_zero() -> None:
    x = leaf([1000.0, -1000.0])
    loss = F.binary_cross_entropy_with_logits(x, np.array([0.0, 1.0]), reduction="sum")
    (slope,) = gradients(loss, x, create_graph=True)
    assert gradients(slope.sum(), x)[0].tolist() == [0.0, 0.0]


def test_the_second_derivative_of_binary_cross_entropy_of_probabilities() -> None:
    x, y = np.array([0.2, 0.7]), np.array([1.0, 0.25])
    input = leaf(x)
    (slope,) = gradients(
        F.binary_cross_entropy(input, y, reduction="sum"), input, create_graph=True
    )
    (found,) = gradients(slope.sum(), input)
    np.testing.assert_allclose(found, y / x**2 + (1 - y) / (1 - x) ** 2, rtol=1e-12)

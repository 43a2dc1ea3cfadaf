"""Losses with all their options: formulas, PyTorch's numbers, extremes, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor, check_gradients
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread
from ..autograd.strategies import Array

REDUCTIONS = ["mean", "sum", "none"]


def logarithms(x: Array) -> Array:
    shifted = x - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def reduced(losses: Array, shares: Array, reduction: str) -> Any:
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / shares.sum()


def naive_cross_entropy(
    x: Array, y: Array, w: Array, ignored: int, smoothing: float, reduction: str
) -> Any:
    """Row by row, as the definition says."""
    losses, shares = np.zeros(len(y)), np.zeros(len(y))
    for i, label in enumerate(y):
        if label == ignored:
            continue
        row = -w * logarithms(x)[i]
        losses[i] = (1 - smoothing) * row[label] + smoothing * row.mean()
        shares[i] = w[label]
    return reduced(losses, shares, reduction)


@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 5),
    classes=st.integers(1, 4),
    weighted=st.booleans(),
    ignored=st.sampled_from([-100, -1, 0]),
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    reduction=st.sampled_from(REDUCTIONS),
)
def test_cross_entropy(
    seed: int, rows: int, classes: int, weighted: bool, ignored: int, smoothing: float,
    reduction: str,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    x, y = 5 * spread((rows, classes), seed), rng.integers(0, classes, rows)
    y = np.where(rng.random(rows) < 0.3, ignored, y)
    if reduction == "mean" and (y == ignored).all():
        y[0] = classes - 1
        ignored = -100
        y[y < 0] = -100
    w = rng.uniform(0.5, 2, classes) if weighted else np.ones(classes)
    settings: dict[str, Any] = {"ignore_index": ignored, "reduction": reduction}
    weight = w if weighted else None
    found = F.cross_entropy(leaf(x), y, weight, label_smoothing=smoothing, **settings)
    expected = naive_cross_entropy(x, y, w, ignored, smoothing, reduction)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-14)
    if not smoothing:
        also = F.nll_loss(leaf(logarithms(x)), y, weight, **settings)
        np.testing.assert_allclose(also.numpy(), expected, rtol=1e-12, atol=1e-14)
    if (y != ignored).any():
        assert check_gradients(
            lambda t: F.cross_entropy(t, y, weight, label_smoothing=smoothing, **settings), x
        ).passed


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("probabilities", [False, True])
def test_further_axes_are_rows(reduction: str, probabilities: bool) -> None:
    """(rows, classes, 3, 2) as in PyTorch: each place of each row is a row of its own."""
    x = spread((4, 5, 3, 2), 1)
    y: Any = np.random.default_rng(0).integers(0, 5, (4, 3, 2))
    flat = np.moveaxis(x, 1, -1).reshape(-1, 5)
    labels = y.ravel()
    if probabilities:
        labels = np.eye(5)[labels]
        y = np.moveaxis(labels.reshape(4, 3, 2, 5), -1, 1)
    found = F.cross_entropy(leaf(x), y, reduction=reduction)
    expected = F.cross_entropy(flat, labels, reduction=reduction)
    np.testing.assert_allclose(
        found.numpy(), np.reshape(expected, (4, 3, 2) if reduction == "none" else ()), rtol=1e-13
    )


def test_ignored_rows_get_no_gradient_and_count_for_nothing() -> None:
    x = leaf(spread((3, 4), 1))
    F.cross_entropy(x, np.array([1, -100, 2])).backward()
    assert x.grad[1].tolist() == [0.0] * 4
    alone = leaf(x.numpy()[[0, 2]])
    F.cross_entropy(alone, np.array([1, 2])).backward()
    np.testing.assert_allclose(x.grad[[0, 2]], alone.grad, rtol=1e-13)
    with pytest.warns(RuntimeWarning):
        assert np.isnan(F.cross_entropy(x, np.full(3, -100)).item())  # as PyTorch's


def test_a_label_out_of_range_is_refused_beside_ignored_ones() -> None:
    for y in ([-100, 4], [-100, -1], [-1, -100]):
        with refuses(IndexError, "cross_entropy", "0 to 3"):
            F.cross_entropy(np.zeros((2, 4)), np.array(y))


# --- the losses of one number per element ------------------------------------------------


def huber(d: Array, delta: float) -> Array:
    return np.where(abs(d) <= delta, d**2 / 2, delta * (abs(d) - delta / 2))


def kl(x: Array, t: Array) -> Array:
    return np.where(t > 0, t * (np.log(np.where(t > 0, t, 1)) - x), 0)


PROBABILITIES = np.array([[0.25, 0.75, 0.0], [0.5, 0.25, 0.25]])
ELEMENTWISE: dict[str, tuple[str, dict[str, Any], Array, Array, Any]] = {
    "l1": ("L1Loss", {}, spread((2, 3), 1), spread((2, 3), 2), lambda x, t: abs(x - t)),
    "huber": (
        "HuberLoss", {"delta": 0.5}, 3 * spread((2, 3), 1), spread((2, 3), 2),
        lambda x, t: huber(x - t, 0.5),
    ),
    "smooth l1": (
        "SmoothL1Loss", {"beta": 0.5}, 3 * spread((2, 3), 1), spread((2, 3), 2),
        lambda x, t: huber(x - t, 0.5) / 0.5,
    ),
    "smooth l1 at 0": (
        "SmoothL1Loss", {"beta": 0.0}, 3 * spread((2, 3), 1), spread((2, 3), 2),
        lambda x, t: abs(x - t),
    ),
    "kl": ("KLDivLoss", {}, spread((2, 3), 1) - 2, PROBABILITIES, kl),
    "kl of logarithms": (
        "KLDivLoss", {"log_target": True}, spread((2, 3), 1) - 2, spread((2, 3), 2) - 1,
        lambda x, t: np.exp(t) * (t - x),
    ),
    "bce": (
        "BCELoss", {"weight": np.array([0.5, 2.0, 1.0])}, 0.5 + 0.4 * spread((2, 3), 1),
        PROBABILITIES,
        lambda x, t: -np.array([0.5, 2, 1]) * (t * np.log(x) + (1 - t) * np.log(1 - x)),
    ),
    "bce with logits": (
        "BCEWithLogitsLoss", {"pos_weight": np.array([0.5, 2.0, 1.0])}, 4 * spread((2, 3), 1),
        PROBABILITIES,
        lambda x, t: np.array([0.5, 2, 1]) * t * np.logaddexp(0, -x)
        + (1 - t) * np.logaddexp(0, x),
    ),
}  # fmt: skip
every = pytest.mark.parametrize(
    ("kind", "settings", "x", "t", "formula"), ELEMENTWISE.values(), ids=ELEMENTWISE
)


@every
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_formulas_and_gradients(
    kind: str, settings: dict[str, Any], x: Array, t: Array, formula: Any, reduction: str
) -> None:
    module = getattr(nn, kind)(reduction=reduction, **settings)
    losses = formula(x, t)
    expected = reduced(losses, np.ones(losses.shape), reduction)
    np.testing.assert_allclose(module(x, t), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(module(leaf(x), t).numpy(), expected, rtol=1e-12, atol=1e-15)
    assert check_gradients(lambda a: module(a, t), x).passed


@every
def test_pytorchs_numbers(
    kind: str, settings: dict[str, Any], x: Array, t: Array, formula: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    del formula
    given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}
    for reduction in [*REDUCTIONS, "batchmean"][: 4 if kind == "KLDivLoss" else 3]:
        ours, theirs = leaf(x), torch.tensor(x, requires_grad=True)
        loss = getattr(nn, kind)(reduction=reduction, **settings)(ours, t)
        other = getattr(torch.nn, kind)(reduction=reduction, **given)(theirs, torch.tensor(t))
        np.testing.assert_allclose(loss.numpy(), other.detach().numpy(), 1e-12, 1e-15)
        c = spread(loss.shape, 3)
        loss.backward(c)
        other.backward(torch.tensor(c))
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), 1e-12, 1e-15)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inputs_of_1000(
    kind: str, settings: dict[str, Any], x: Array, t: Array, formula: Any, dtype: Any
) -> None:
    """Finite losses and slopes; of the right size where they are known."""
    del formula
    if kind == "BCELoss":
        return
    large = leaf(np.sign(x).astype(dtype) * 1000)
    loss = getattr(nn, kind)(reduction="sum", **settings)(large, t.astype(dtype))
    loss.backward()
    assert loss.dtype == dtype
    assert np.isfinite(loss.item())
    assert np.isfinite(large.grad).all()
    if kind == "L1Loss":
        np.testing.assert_array_equal(large.grad, np.sign(x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_1000_with_every_option(dtype: Any) -> None:
    x = leaf(np.array([[1000, -1000, 0], [-1000, 1000, 0], [0, 0, 1000]], dtype))
    y = np.array([1, -100, 2])
    losses = F.cross_entropy(x, y, np.array([1, 0.5, 2]), label_smoothing=0.3, reduction="none")
    # Row 0: 0.7 * 0.5 * 2000 + 0.1 * (0 + 0.5 * 2000 + 2 * 1000); row 2: 0.1 * (1000 + 500).
    np.testing.assert_allclose(losses.numpy(), [1000.0, 0.0, 150.0], rtol=1e-6)
    losses.sum().backward()
    assert np.isfinite(x.grad).all()


# --- margins -----------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_multi_margin(p: int, weighted: bool, reduction: str) -> None:
    x, y = 2 * spread((4, 3), 1), np.array([0, 2, 1, 1])
    w = np.array([0.5, 2.0, 1.0]) if weighted else np.ones(3)
    losses = np.array(
        [
            w[y[i]]
            * sum(max(0, 0.8 - x[i, y[i]] + x[i, j]) ** p for j in range(3) if j != y[i])
            / 3
            for i in range(4)
        ]
    )
    module = nn.MultiMarginLoss(p, 0.8, w if weighted else None, reduction=reduction)
    expected = reduced(losses, np.ones(4), reduction)
    np.testing.assert_allclose(module(leaf(x), y).numpy(), expected, rtol=1e-13)
    assert check_gradients(lambda t: module(t, y), x).passed


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cosine_embedding(reduction: str) -> None:
    a, b, y = spread((4, 3), 1), spread((4, 3), 2), np.array([1, -1, -1, 1])
    cosines = (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))
    losses = np.where(y > 0, 1 - cosines, np.maximum(0, cosines + 0.25))
    module = nn.CosineEmbeddingLoss(margin=-0.25, reduction=reduction)
    expected = reduced(losses, np.ones(4), reduction)
    np.testing.assert_allclose(module(leaf(a), leaf(b), y).numpy(), expected, rtol=1e-11)
    assert check_gradients(lambda s, t: module(s, t, y), a, b).passed
    assert np.isfinite(module(np.zeros((4, 3)), b, y)).all()


# --- refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss", [F.l1_loss, F.mse_loss, F.huber_loss, F.smooth_l1_loss, F.kl_div, F.hinge_loss,
             F.binary_cross_entropy, F.binary_cross_entropy_with_logits]
)  # fmt: skip
def test_a_row_of_targets_beside_a_column_of_outputs(loss: Any) -> None:
    """(4,) against (4, 1) would broadcast to (4, 4) pairs."""
    with refuses(ValueError, loss.__name__, "(4, 1)", "(4,)", "reshape"):
        loss(leaf(np.full((4, 1), 0.5)), np.ones(4))


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: nn.CrossEntropyLoss("sum"), TypeError, ["reduction='sum'"]),
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.zeros(2, int), np.ones(2)),
         ValueError, ["weight", "(2,)", "(3,)"]),
        *[(lambda loss=loss: loss(np.zeros((2, 3)), np.zeros(2, int), weight=np.ones(1)),
           ValueError, [loss.__name__, "weight", "(1,)", "3 classes", "(3,)"])
          for loss in (F.cross_entropy, F.nll_loss, F.multi_margin_loss)],
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.eye(2, 3), np.ones(())),
         ValueError, ["weight", "()", "3 classes"]),
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.eye(2, 3), ignore_index=1),
         ValueError, ["ignore_index=1", "probabilities"]),
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.zeros(2, int), leaf(np.ones(3))),
         TypeError, ["weight", "gradient", ".detach()"]),
        (lambda: F.binary_cross_entropy_with_logits(
            np.zeros(3), np.ones(3), pos_weight=leaf(np.ones(3))),
         TypeError, ["pos_weight", "gradient", ".detach()"]),
        (lambda: nn.BCELoss(leaf(np.ones(3))), TypeError, ["BCELoss", "weight", ".detach()"]),
        (lambda: F.binary_cross_entropy(np.full(2, 0.5), np.array([1.0, 2.0])),
         ValueError, ["targets", "2.0"]),
        (lambda: F.binary_cross_entropy(np.full(2, 0.5), np.array([1.0, np.nan])),
         ValueError, ["targets", "nan"]),
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.zeros(2, int), [1, 1, -1]),
         ValueError, ["weight", "negative"]),
        (lambda: F.cross_entropy(np.zeros((2, 3)), np.zeros(2, int), label_smoothing=1.5),
         ValueError, ["label_smoothing", "1.5"]),
        (lambda: F.cross_entropy(np.zeros((2, 3, 4)), np.zeros((2, 3), int)),
         ValueError, ["(2, 3)", "(2, 4)"]),
        (lambda: F.nll_loss(np.zeros((2, 3)), np.zeros(2)), TypeError, ["nll_loss", "integers"]),
        (lambda: F.huber_loss(np.ones(2), np.ones(2), delta=0.0), ValueError, ["delta", "0.0"]),
        (lambda: F.smooth_l1_loss(np.ones(2), np.ones(2), beta=-1.0), ValueError, ["beta"]),
        (lambda: F.kl_div(np.ones(2), -np.ones(2)), ValueError, ["log_target"]),
        (lambda: F.kl_div(np.ones(2), np.ones(2), reduction="avg"), ValueError, ["batchmean"]),
        (lambda: F.multi_margin_loss(np.eye(3), np.array([0, 3, 0])), IndexError, ["3", "row 1"]),
        (lambda: F.multi_margin_loss(np.ones((2, 3)), np.array([0, 1]), p=3), ValueError, ["p=3"]),
        (lambda: F.cosine_embedding_loss(np.ones((2, 3)), np.ones((2, 3)), np.array([0, 1])),
         ValueError, ["-1 or 1"]),
        (lambda: F.cosine_embedding_loss(np.ones((2, 3)), np.ones((2, 3)), np.array([[1], [1]])),
         ValueError, ["(2, 1)"]),
    ],
)  # fmt: skip
def test_what_is_refused(call: Any, kind: type[Exception], words: list[str]) -> None:
    with refuses(kind, *words):
        call()


def test_weights_are_buffers_and_defaults_are_not_shown() -> None:
    loss = nn.CrossEntropyLoss(np.array([1.0, 2.0]), label_smoothing=0.1)
    assert list(loss.state_dict()) == ["weight"]
    assert repr(loss) == "CrossEntropyLoss(label_smoothing=0.1)"
    assert nn.CrossEntropyLoss().state_dict() == {}


def test_the_target_of_a_loss_may_record() -> None:
    for loss in (F.l1_loss, F.huber_loss, F.smooth_l1_loss):
        assert check_gradients(loss, spread((3,), 1), spread((3,), 2)).passed
    logs = spread((2, 3), 1) - 2
    assert check_gradients(F.kl_div, logs, np.abs(spread((2, 3), 2)) + 0.1).passed
    assert isinstance(F.kl_div(logs, leaf(PROBABILITIES)), Tensor)

"""normalize, cosine_similarity, pairwise_distance, one_hot and pad."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, check_gradients
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread
from ..autograd.strategies import Array

X, Y = spread((2, 3, 4), 1), spread((2, 3, 4), 2)


@pytest.mark.parametrize(
    ("settings", "length"),
    [
        ({}, lambda x: np.sqrt((x**2).sum(1, keepdims=True))),
        ({"p": 1.0, "dim": -1}, lambda x: abs(x).sum(-1, keepdims=True)),
        ({"p": 3.0, "dim": 0}, lambda x: (abs(x) ** 3).sum(0, keepdims=True) ** (1 / 3)),
        ({"p": np.inf, "dim": 2}, lambda x: abs(x).max(-1, keepdims=True)),
        ({"dim": (1, 2)}, lambda x: np.sqrt((x**2).sum((1, 2), keepdims=True))),
        ({"eps": 10.0}, lambda x: 10.0),
    ],
)
def test_normalize(settings: dict[str, Any], length: Any) -> None:
    np.testing.assert_allclose(F.normalize(X, **settings), X / length(X), rtol=1e-14)
    assert check_gradients(lambda t: F.normalize(t, **settings), X).passed


def test_vectors_of_zeros_have_finite_gradients() -> None:
    """The length is held at eps, so its slope is that of 1 / eps."""
    t = leaf([[0.0, 0.0], [3.0, 4.0]])
    out = F.normalize(t, eps=0.5)
    assert out.tolist() == [[0.0, 0.0], [0.6, 0.8]]
    out.sum().backward()
    np.testing.assert_allclose(t.grad, [[2.0, 2.0], [0.032, -0.024]], rtol=1e-13)
    s = leaf([[0.0, 0.0]])
    F.cosine_similarity(s, np.array([[3.0, 4.0]]), eps=0.5).sum().backward()
    np.testing.assert_allclose(s.grad, [[1.2, 1.6]], rtol=1e-14)


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_cosine_similarity(dim: int) -> None:
    lengths = np.linalg.norm(X, axis=dim) * np.linalg.norm(Y, axis=dim)
    expected = (X * Y).sum(dim) / lengths
    np.testing.assert_allclose(F.cosine_similarity(X, Y, dim), expected, rtol=1e-13)
    assert check_gradients(lambda a, b: F.cosine_similarity(a, b, dim), X, Y).passed


@pytest.mark.parametrize(("left", "right"), [((3, 4), (4,)), ((2, 1, 4), (1, 3, 4)), ((4,), (1,))])
@pytest.mark.parametrize("dim", [0, -1])
def test_cosines_of_shapes_that_broadcast(left: Any, right: Any, dim: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    a, b = spread(left, 1), spread(right, 2)
    theirs = torch.nn.functional.cosine_similarity(torch.tensor(a), torch.tensor(b), dim)
    np.testing.assert_allclose(F.cosine_similarity(a, b, dim), theirs.numpy(), rtol=1e-13)


def test_cosines_along_no_axis() -> None:
    with refuses(ValueError, "cosine_similarity", "dim 1", "(3,)"):
        F.cosine_similarity(np.ones(3), np.ones(3))


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
def test_pairwise_distance(p: float) -> None:
    expected = np.linalg.norm(X - Y + 1e-6, p, axis=-1)
    np.testing.assert_allclose(F.pairwise_distance(X, Y, p), expected, rtol=1e-14)
    assert F.pairwise_distance(X, Y, keepdim=True).shape == (2, 3, 1)
    assert check_gradients(lambda a, b: F.pairwise_distance(a, b, p), X, Y).passed


def test_as_modules() -> None:
    cosines, distances = nn.CosineSimilarity(dim=-1, eps=10.0), nn.PairwiseDistance(1.0, 0.5, True)
    np.testing.assert_array_equal(cosines(X, Y), F.cosine_similarity(X, Y, -1, 10.0))
    np.testing.assert_array_equal(distances(X, Y), F.pairwise_distance(X, Y, 1.0, 0.5, True))


def test_integers_are_numbers_too() -> None:
    assert F.normalize([[3, 4]]).tolist() == [[0.6, 0.8]]
    assert F.cosine_similarity([[2, 0]], [[3, 0]]).tolist() == [1.0]


def test_one_hot() -> None:
    rows = F.one_hot(np.array([[0, 2], [1, 0]]))
    assert rows.dtype == np.int64
    assert rows.tolist() == [[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [1, 0, 0]]]
    assert F.one_hot(Tensor([1]), num_classes=4).tolist() == [[0, 1, 0, 0]]
    with refuses(IndexError, "one_hot", "2 classes"):
        F.one_hot([2], 2)


# --- pad ---------------------------------------------------------------------------------

IMAGES = spread((2, 3, 4, 5), 3)
PADS = [(1, 0, 2, 1), (-1, -1, 1, 1), (3, 3, 2, 2), (-2, 1, 0, -1), (-3, 4, 0, 0), (4, -3, -2, 2)]


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("widths", PADS)
def test_pad_is_pytorchs(mode: str, widths: tuple[int, ...]) -> None:
    """But where it cuts one end and goes round to the other, and reads memory of others."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")
    if mode in ("reflect", "circular") and widths[0] * widths[1] < 0:
        with refuses(ValueError, "pad", mode, str(widths)):
            F.pad(IMAGES, widths, mode)
        return
    theirs = torch.nn.functional.pad(torch.tensor(IMAGES), widths, mode)
    np.testing.assert_array_equal(F.pad(IMAGES, widths, mode), theirs.numpy())


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad_has_gradients(mode: str) -> None:
    assert check_gradients(lambda t: F.pad(t, (-1, 0, 2, 1), mode), IMAGES).passed


def test_pad_by_hand() -> None:
    tokens: Array = np.array([[5, 6]])
    padded = F.pad(tokens, (0, 2), value=-100)
    assert padded.tolist() == [[5, 6, -100, -100]]
    assert padded.dtype == tokens.dtype
    assert F.pad(tokens, (1, 1, 0, 1)).tolist() == [[0, 5, 6, 0], [0, 0, 0, 0]]
    assert F.pad(tokens, ()).tolist() == [[5, 6]]


@pytest.mark.parametrize(
    ("widths", "mode", "value", "words"),
    [
        ((1,), "constant", None, ["(1,)", "last axis"]),
        ((1,) * 6, "constant", None, ["(1, 2)", "last axis"]),
        ((-2, -1), "constant", None, ["(-2, -1)", "2 entries"]),
        ((2, 0), "reflect", None, ["'reflect'", "2 entries"]),
        ((3, 0), "circular", None, ["'circular'", "2 entries"]),
        ((1, 0), "mirror", None, ["'mirror'", "replicate"]),
        ((1, 0), "reflect", 1.0, ["'reflect'", "'constant' only"]),
    ],
)
def test_pads_that_cannot_be(widths: Any, mode: str, value: Any, words: list[str]) -> None:
    with refuses(ValueError, "pad", *words):
        F.pad(np.ones((1, 2)), widths, mode, value)


def test_vectors_of_values_are_refused() -> None:
    values = nn.MLP(2, [1]).parameters()
    with refuses(TypeError, "parameters_to_vector", "to_tensors"):
        nn.utils.parameters_to_vector(values)
    with refuses(TypeError, "vector_to_parameters", "to_tensors"):
        nn.utils.vector_to_parameters(np.ones(3), values)

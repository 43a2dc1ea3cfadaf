"""float16: what is computed in float32, so that only results are rounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

from ..autograd.numeric import spread

LAYERS: list[tuple[Callable[[], Any], tuple[int, ...]]] = [
    (lambda: nn.LayerNorm(5), (3, 5)),
    (lambda: nn.RMSNorm(5), (3, 5)),
    (lambda: nn.GroupNorm(2, 4), (3, 4, 5)),
    (lambda: nn.BatchNorm1d(4), (3, 4, 5)),
    (lambda: nn.BatchNorm1d(4, track_running_stats=False).eval(), (3, 4)),
    (lambda: nn.BatchNorm1d(4).eval(), (3, 4)),
    (lambda: nn.AvgPool1d(2), (3, 4, 6)),
    (lambda: nn.AvgPool2d(3, 1, 1), (3, 4, 6, 6)),
    (lambda: nn.AdaptiveAvgPool1d(2), (3, 4, 6)),
    (lambda: nn.AdaptiveAvgPool1d(4), (3, 4, 6)),
    (lambda: nn.AdaptiveAvgPool1d(1), (3, 4, 6)),
]


def derivatives(layer: Any, x: Any, dtype: Any) -> list[Any]:
    """The output, and the gradients of input and parameters."""
    layer = layer.to(dtype)
    t = Tensor(x.astype(dtype), requires_grad=True)
    out = layer(t)
    out.backward(spread(out.shape, 7).astype(np.float16).astype(dtype))
    return [out.data, t.grad, *[p.grad for p in layer.parameters()]]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 2e4])
@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.filterwarnings("ignore:overflow encountered")  # of the running variance
def test_half_is_single_precision_rounded(make: Any, shape: Any, scale: float) -> None:
    """Squares of 1e-3 and 2e4 are out of float16's range, as are sums of four entries.

    Its unit of rounding is 2**-11, of numbers below 6e-5 3e-8; a result is rounded once, a
    gradient that passes the factors of a layer twice more.
    """
    x = (scale * (1 + spread(shape, 1) / 4)).astype(np.float16)
    found, expected = (derivatives(make(), x, dtype) for dtype in (np.float16, np.float32))
    for f, e in zip(found, expected, strict=True):
        assert f.dtype == np.float16
        np.testing.assert_allclose(f, e, rtol=3 * 2.0**-11, atol=1e-7)


def test_the_epsilon_of_a_mean_square_is_single_precisions() -> None:
    x = np.full((1, 4), 1e-4, np.float16)
    expected = 1e-4 / np.sqrt(1e-8 + np.finfo(np.float32).eps)
    np.testing.assert_allclose(
        nn.RMSNorm(4).half()(x).numpy(), np.full((1, 4), expected), rtol=1e-3
    )

"""Activations beside PyTorch's numbers, recorded in float64: usual ones, inf, -inf and nan."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import functional as F  # noqa: N812  (the field's name for it)

from ..autograd.numeric import spread
from .test_activations import CASES, IDS

INF, NAN = math.inf, math.nan
POINTS = [-5.0, -0.75, -0.25, 0.0, 0.6, 3.5, INF, -INF, NAN]
RECORDED: dict[str, list[float]] = {
    "ReLU {}": [0, 0, 0, 0, 0.6, 3.5, INF, 0, NAN],
    "ReLU6 {}": [0, 0, 0, 0, 0.6, 3.5, 6, 0, NAN],
    "Tanh {}": [
        -0.999909204263, -0.635148952387, -0.244918662404, 0, 0.537049566998, 0.998177897611, 1, -1,
        NAN,
    ],
    "Sigmoid {}": [
        0.00669285092428, 0.320821300825, 0.437823499114, 0.5, 0.645656306226, 0.970687769249, 1, 0,
        NAN,
    ],
    "SiLU {}": [
        -0.0334642546214, -0.240615975618, -0.109455874779, 0, 0.387393783735, 3.39740719237, INF,
        NAN, NAN,
    ],
    "Mish {}": [
        -0.0335762377302, -0.276494714505, -0.129926963679, 0, 0.466136485694, 3.49399071512, INF,
        NAN, NAN,
    ],
    "SELU {}": [
        -1.74625336067, -0.927632015835, -0.388890197478, 0, 0.630420592413, 3.67745345574, INF,
        -1.75809934085, NAN,
    ],
    "ELU {'alpha': 0.7}": [
        -0.695283437101, -0.369343413081, -0.15483945185, 0, 0.6, 3.5, INF, -0.7, NAN,
    ],
    "CELU {'alpha': 0.7}": [
        -0.699446656774, -0.460236801435, -0.210229223837, 0, 0.6, 3.5, INF, -0.7, NAN,
    ],
    "GELU {}": [
        -1.43325785934e-06, -0.169970514283, -0.100323418579, 0, 0.43544812935, 3.49918579822, INF,
        NAN, NAN,
    ],
    "GELU {'approximate': 'tanh'}": [
        -2.29179619726e-07, -0.170039444834, -0.100324649298, 0, 0.435415199231, 3.49938380234, INF,
        NAN, NAN,
    ],
    "LeakyReLU {'negative_slope': 0.2}": [-1, -0.15, -0.05, 0, 0.6, 3.5, INF, -INF, NAN],
    "Hardtanh {'min_val': -0.5, 'max_val': 2.0}": [-0.5, -0.5, -0.25, 0, 0.6, 2, 2, -0.5, NAN],
    "Hardsigmoid {}": [0, 0.375, 0.458333333333, 0.5, 0.6, 1, 1, 0, NAN],
    "Hardswish {}": [0, -0.28125, -0.114583333333, 0, 0.36, 3.5, INF, NAN, NAN],
    "Hardshrink {'lambd': 0.75}": [-5, 0, 0, 0, 0, 3.5, INF, -INF],
    "Softshrink {'lambd': 0.75}": [-4.25, 0, 0, 0, 0, 2.75, INF, -INF],
    "Softplus {'beta': 2.0}": [
        2.26994496084e-05, 0.100706638991, 0.23703849209, 0.34657359028, 0.731641233669,
        3.50045573323, INF, 0, NAN,
    ],
    "LogSigmoid {}": [
        -5.00671534849, -1.13687100611, -0.825939419879, -0.69314718056, -0.437487950486,
        -0.0297504182726, 0, -INF, NAN,
    ],
    "Softsign {}": [
        -0.833333333333, -0.428571428571, -0.2, 0, 0.375, 0.777777777778, NAN, NAN, NAN,
    ],
    "Tanhshrink {}": [
        -4.00009079574, -0.114851047613, -0.00508133759629, 0, 0.062950433002, 2.50182210239, INF,
        -INF, NAN,
    ],
    "Threshold {'threshold': 0.5, 'value': -7.0}": [-7, -7, -7, -7, 0.6, 3.5, INF, -7],
    "Softplus by default": [
        0.00671534848912, 0.386871006115, 0.575939419879, 0.69314718056, 1.03748795049,
        3.52975041827, INF, 0, NAN,
    ],
    "PReLU 0.25": [-1.25, -0.1875, -0.0625, 0, 0.6, 3.5, INF, -INF, NAN],
    "RReLU from 0.25 to 0.75": [-2.5, -0.375, -0.125, 0, 0.6, 3.5, INF, -INF, NAN],
}  # fmt: skip
CALLS: dict[str, Any] = {
    **{case: partial(getattr(F, function), **settings)
       for case, (_, function, settings, _) in zip(IDS, CASES, strict=True)},
    "Softplus by default": F.softplus,
    "PReLU 0.25": lambda x: F.prelu(x, np.full(1, 0.25, x.dtype)),
    "RReLU from 0.25 to 0.75": lambda x: F.rrelu(x, 0.25, 0.75, training=False),
}  # fmt: skip


@pytest.mark.parametrize("case", RECORDED)
def test_pytorchs_numbers(case: str) -> None:
    """To the 12 digits recorded, but for what PyTorch rounds to float32 itself.

    Near -5, GELU is 5 times a difference of 1 and erf, which are rounded to 1e-16 or 6e-8.
    """
    expected = RECORDED[case]
    rough = case.startswith(("CELU", "Hardsigmoid"))
    for dtype, tolerance, least in (
        (np.float64, 1e-7 if rough else 1e-11, 1e-15), (np.float32, 1e-6, 1e-6)
    ):  # fmt: skip
        x = np.array(POINTS[: len(expected)], dtype)
        with np.errstate(invalid="ignore"):  # of 0 times inf
            for found in (CALLS[case](x), CALLS[case](Tensor(x)).numpy()):
                np.testing.assert_allclose(found, expected, tolerance, least)


def test_softmax_of_what_is_not_finite() -> None:
    """PyTorch's answers; all is nan where there is nothing but -inf, or no limit."""
    rows = np.array([[0.0, 1.0], [-INF, 0.0], [NAN, 0.0], [-INF, -INF], [INF, INF]])
    weights = [[0.26894142137, 0.73105857863], [0.0, 1.0], *[[NAN, NAN]] * 3]
    logarithms = [[-1.31326168752, -0.313261687518], [-INF, 0.0], *[[NAN, NAN]] * 3]
    with np.errstate(invalid="ignore", divide="ignore"):
        np.testing.assert_allclose(F.softmax(rows, 1), weights, 1e-11)
        np.testing.assert_allclose(F.softmin(-rows, 1), weights, 1e-11)
        np.testing.assert_allclose(F.log_softmax(rows, 1), logarithms, 1e-11)
        halves = np.array(
            [[NAN, 1.0], [INF, 1.0], [1.0, NAN], [1.0, INF], [1.0, -INF], [INF, -INF]]
        )
        np.testing.assert_array_equal(F.glu(halves, 1)[:, 0], [NAN, INF, NAN, 1.0, 0.0, NAN])


def test_the_last_axis_is_the_default() -> None:
    x = spread((2, 3, 4), 7)
    for function, kind in (
        (F.softmax, nn.Softmax), (F.softmin, nn.Softmin), (F.log_softmax, nn.LogSoftmax),
        (F.glu, nn.GLU),
    ):  # fmt: skip
        for found in (function(x), kind()(x)):
            np.testing.assert_array_equal(found[1, 2], function(x[1, 2], 0))

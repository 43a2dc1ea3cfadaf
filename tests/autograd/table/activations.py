"""Activation functions of neural networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd.op import OPERATIONS

from ..strategies import arrays, broadcastable, distinct
from .case import ANYWHERE, Example, add, unary, unary_distinct


@st.composite
def with_slope(draw: st.DrawFn) -> Example:
    """An array away from 0, and a slope that broadcasts with it."""
    shape, other = draw(broadcastable(2))
    return [draw(distinct(shape))[0], draw(arrays(other))], {}


def _cdf(x: Any) -> Any:
    return 0.5 * np.vectorize(math.erfc, otypes=[x.dtype])(-x * math.sqrt(0.5)).astype(x.dtype)


def _tanh_form(x: Any) -> Any:
    return x * 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


add("softplus", autograd.softplus, lambda x: np.log(1 + np.exp(x)), unary(-4, 4), protocol=False,
    method="softplus")  # fmt: skip
add("relu", autograd.relu, lambda x: np.where(x > 0, x, 0), unary_distinct(), protocol=False,
    method="relu")  # fmt: skip
add("leaky_relu", autograd.leaky_relu, lambda x, y: np.where(x > 0, x, y * x), with_slope(),
    protocol=False, method="leaky_relu")  # fmt: skip
add("elu", autograd.elu, lambda x, y: np.where(x > 0, x, y * np.expm1(x)), with_slope(),
    protocol=False, method="elu")  # fmt: skip
add("silu", autograd.silu, lambda x: x / (1 + np.exp(-x)), unary(*ANYWHERE), protocol=False,
    method="silu", covers="sigmoid")  # fmt: skip
add("gelu", autograd.gelu, lambda x: x * _cdf(x), unary(*ANYWHERE), protocol=False,
    method="gelu", covers="normal_cdf")  # fmt: skip
add("normal_cdf", OPERATIONS["normal_cdf"], _cdf, unary(*ANYWHERE), protocol=False)
add("gelu_tanh", lambda x: autograd.gelu(x, approximate="tanh"), _tanh_form, unary(*ANYWHERE),
    protocol=False, method_=lambda x: x.gelu(approximate="tanh"))  # fmt: skip

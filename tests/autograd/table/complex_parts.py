"""Complex numbers and their parts."""

from __future__ import annotations

import numpy as np

import autograd
from autograd.op import OPERATIONS

from .case import ANYWHERE, add, unary, unary_distinct

for _name in ("real", "imag"):
    add(_name, getattr(autograd, _name), getattr(np, _name), unary(*ANYWHERE), complex=True,
        method_=lambda x, name=_name: getattr(x, name))  # fmt: skip
add("conjugate", autograd.conjugate, np.conjugate, unary(*ANYWHERE), method="conj", complex=True)
add("angle", autograd.angle, np.angle, unary_distinct(), method="angle", complex=True,
    covers="angle")  # fmt: skip
add("angle in degrees", lambda x: autograd.angle(x, deg=True), lambda x: np.angle(x, deg=True),
    unary_distinct(), complex=True, covers="angle")  # fmt: skip
add("real_if_close", autograd.real_if_close, np.real_if_close, unary(*ANYWHERE), covers="real",
    complex=True)  # fmt: skip
add("abs", autograd.abs, np.abs, unary_distinct(), method="abs", operator=abs, complex=True)
add("fabs", autograd.fabs, np.fabs, unary_distinct())


add("sign", autograd.sign, np.sign, unary_distinct(), method="sign", complex=True)
add("sign of real numbers", OPERATIONS["sign"], np.sign, unary_distinct(), protocol=False,
    covers="sign")  # fmt: skip

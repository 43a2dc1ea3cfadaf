"""The special functions, against SciPy's."""

from __future__ import annotations

import math

import numpy as np
import scipy.special
from hypothesis import strategies as st

from autograd import special
from autograd.op import OPERATIONS

from ..strategies import arrays, shapes
from .case import ANYWHERE, AWAY_FROM_0, Example, Spelling, add, binary, unary

ONE = {
    "erf": ANYWHERE, "erfc": ANYWHERE, "erfcx": (-1.0, 2.0), "erfinv": (-0.75, 0.75),
    "erfcinv": (0.25, 1.75), "ndtr": ANYWHERE, "ndtri": (0.25, 0.75), "log_ndtr": ANYWHERE,
    "entr": AWAY_FROM_0, "logit": (0.25, 0.75), "log_expit": ANYWHERE, "exp10": (-1.0, 1.0),
    "cosm1": ANYWHERE, "gamma": (0.75, 3.0), "gammaln": (0.75, 3.0), "loggamma": (0.75, 3.0),
    "digamma": (0.75, 3.0), "i0": ANYWHERE, "i1": ANYWHERE, "i0e": AWAY_FROM_0, "i1e": AWAY_FROM_0,
    "j0": ANYWHERE, "j1": ANYWHERE, "expit": ANYWHERE,
}  # fmt: skip
TWO = {
    "beta": (0.75, 3.0), "betaln": (0.75, 3.0), "xlogy": AWAY_FROM_0, "xlog1py": AWAY_FROM_0,
    "rel_entr": AWAY_FROM_0, "kl_div": AWAY_FROM_0,
}  # fmt: skip
COMPLEX = ("erf", "erfc", "erfcx", "ndtr", "xlogy", "xlog1py")

for _name, _domain in ONE.items():
    add(f"special.{_name}", getattr(special, _name), getattr(scipy.special, _name),
        unary(*_domain), covers="sigmoid" if _name == "expit" else _name,
        complex=_name in COMPLEX)  # fmt: skip
for _name, _domain in TWO.items():
    add(f"special.{_name}", getattr(special, _name), getattr(scipy.special, _name),
        binary(_domain, _domain), covers=_name, complex=_name in COMPLEX)  # fmt: skip


@st.composite
def with_order(draw: st.DrawFn, domain: tuple[float, float]) -> Example:
    return [draw(arrays(draw(shapes), *domain))], {"order": draw(st.integers(0, 3))}


def _with_order(f: Spelling) -> Spelling:
    return lambda x, order: f(order, x)


for _name, _domain in [("iv", ANYWHERE), ("ive", AWAY_FROM_0), ("jv", ANYWHERE),
                       ("polygamma", (0.75, 3.0))]:  # fmt: skip
    add(f"special.{_name}", _with_order(getattr(special, _name)),
        _with_order(getattr(scipy.special, _name)), with_order(_domain),
        protocol=_name != "polygamma", covers=_name)  # fmt: skip

add("special.normal_hazard", OPERATIONS["normal_hazard"],
    lambda x: np.exp(-scipy.special.log_ndtr(x) - x * x / 2) / math.sqrt(2 * math.pi),
    unary(*ANYWHERE), protocol=False, covers="normal_hazard")  # fmt: skip

"""Operations whose backward pass is written out by hand, and whose higher derivatives are not.

A rule must also compute with recording Tensors, for derivatives of the derivative. Where the rule
is a long loop over memory in place, that is left to a second form of the same function, composed
of recorded operations: its pullback, itself recorded, is the rule then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor, gradients


def records(*operands: Any) -> bool:
    """Whether a rule was given Tensors, so that what it computes must be recorded."""
    return any([isinstance(x, Tensor) for x in operands])


def pulled_back(composed: Callable[[Any], Any], x: Any, g: Any) -> Any:
    """The pullback of `composed` at `x`, applied to `g`, as a recorded computation."""
    if not (isinstance(x, Tensor) and x.requires_grad):
        x = Tensor(x, requires_grad=True)  # only g records
    return gradients(composed(x), x, g, create_graph=True)[0]


def made_again(x: Any) -> None:
    """In place of a by-product that only the rule written by hand reads."""
    del x

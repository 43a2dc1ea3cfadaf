"""A property test of a function's gradients, in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ..gradcheck import check_gradients


def gradients_agree(
    *strategies: st.SearchStrategy[Any], modes: str = "both", order: int = 2, **options: Any
) -> Callable[[Callable[..., Any]], Callable[[], None]]:
    """Decorate a function to make it a property test of its own gradients.

    Args:
        strategies: one for each argument of the function; anything that is not floating is a
            constant, so parameters such as an axis are drawn the same way. A strategy for tuples
            of all arguments, where they depend on each other, is given as `st.tuples` or
            `st.composite` with `unpack=True`.
        modes, order: both modes and two orders, unless said otherwise.
        options: further ones of `check_gradients`; `unpack` is described above.

    Returns:
        A test without arguments for pytest to find. A failure shows the smallest inputs that
        Hypothesis finds and the report at them. `hypothesis.settings` goes above it.

    >>> import autograd
    >>> from autograd.testing import arrays, axis, gradients_agree
    >>> from hypothesis import settings
    >>> @settings(max_examples=20)
    ... @gradients_agree(arrays((2, 3)), axis(2))
    ... def test_softmax(x, axis):
    ...     return autograd.softmax(x, axis)
    >>> test_softmax()
    """
    unpack = options.pop("unpack", False)
    if unpack and len(strategies) != 1:
        raise TypeError(
            f"gradients_agree: unpack=True takes one strategy for all arguments, not "
            f"{len(strategies)}"
        )
    drawn = strategies[0] if unpack else st.tuples(*strategies)

    def decorate(f: Callable[..., Any]) -> Callable[[], None]:
        def test(inputs: Any) -> None:
            __tracebackhide__ = True  # pytest then shows the report alone
            check_gradients(f, *inputs, modes=modes, order=order, progress=False, **options)

        test.__name__ = test.__qualname__ = getattr(f, "__name__", "gradients_agree")
        test.__doc__ = f.__doc__
        test.__module__ = f.__module__
        return given(inputs=drawn)(test)

    return decorate

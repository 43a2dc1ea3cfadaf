"""Property tests of gradients with Hypothesis: strategies, and a decorator.

Needs Hypothesis, which the extra `chainrule[test]` installs; `import autograd` does not.

>>> import autograd
>>> from autograd import testing
>>> @testing.gradients_agree(testing.arrays((3,), away_from=[0.0]))
... def test_reciprocal(x):
...     return 1 / x
>>> test_reciprocal()
"""

try:
    import hypothesis as _hypothesis  # noqa: F401  (asked for first, for the error)
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "autograd.testing needs Hypothesis: pip install 'chainrule[test]', or hypothesis"
    ) from error

from .arrays import (
    arrays,
    axes,
    axis,
    broadcastable_shapes,
    indices,
    pytrees,
    shapes,
    tensors,
)
from .expressions import Expression, expressions
from .matrices import orthogonal, positive_definite, well_conditioned
from .properties import gradients_agree

__all__ = [
    "Expression",
    "arrays",
    "axes",
    "axis",
    "broadcastable_shapes",
    "expressions",
    "gradients_agree",
    "indices",
    "orthogonal",
    "positive_definite",
    "pytrees",
    "shapes",
    "tensors",
    "well_conditioned",
]

"""The table of derivatives, one file a family; importing this package declares them all.

Every name in a family's `__all__` is a function of `autograd`, and a method of Tensor where its
first parameter is `x`.
"""

from . import elementwise, indexing, linear_algebra, nesting, reductions, shaping
from . import scalars as scalars

FAMILIES = (elementwise, indexing, linear_algebra, nesting, reductions, shaping)
PUBLIC = {name: getattr(family, name) for family in FAMILIES for name in family.__all__}

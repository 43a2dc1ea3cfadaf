"""The table of derivatives, one file a family; importing this package declares them all.

Every name in a family's `__all__` is a function of `autograd`, and a method of Tensor where its
first parameter is `x`.
"""

from . import (
    activations,
    applying,
    brackets,
    choosing,
    complex_parts,
    convolution,
    counting,
    diagonals,
    elementwise,
    indexing,
    interpolation,
    joining,
    nesting,
    padding,
    piecewise,
    polynomials,
    pooling,
    products,
    quantiles,
    ranges,
    reductions,
    scans,
    shaping,
    sorting,
    statistics,
    writing,
)
from . import determinants as determinants
from . import eigen as eigen
from . import fourier as fourier
from . import least_squares as least_squares
from . import norms as norms
from . import scalars as scalars

FAMILIES = (
    activations,
    applying,
    brackets,
    choosing,
    complex_parts,
    convolution,
    counting,
    diagonals,
    elementwise,
    indexing,
    interpolation,
    joining,
    nesting,
    padding,
    piecewise,
    polynomials,
    pooling,
    products,
    quantiles,
    ranges,
    reductions,
    scans,
    shaping,
    sorting,
    statistics,
    writing,
)
PUBLIC = {name: getattr(family, name) for family in FAMILIES for name in family.__all__}

"""The table of derivatives, one file a family."""

from . import elementwise, indexing, linear_algebra, reductions, scalars, shaping

__all__ = ["elementwise", "indexing", "linear_algebra", "reductions", "scalars", "shaping"]

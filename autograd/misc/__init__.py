"""Flattening and optimizers, under the names HIPS autograd gives them."""

from .flatten import flatten as flatten

"""Gradient checks: derivatives against numeric ones, with error estimates and reasons."""

from .adjoint import check_adjoint
from .check import check_gradients
from .numerical import Numerical, numerical_gradient, numerical_jacobian
from .plotting import plot_steps
from .report import GradientCheckError, GradientEntry, GradientReport, Kink

__all__ = [
    "GradientCheckError",
    "GradientEntry",
    "GradientReport",
    "Kink",
    "Numerical",
    "check_adjoint",
    "check_gradients",
    "numerical_gradient",
    "numerical_jacobian",
    "plot_steps",
]

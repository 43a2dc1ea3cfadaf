"""Gradient checks: derivatives against numeric ones, with error estimates and reasons."""

from .check import check_gradients
from .report import GradientCheckError, GradientEntry, GradientReport, Kink

__all__ = ["GradientCheckError", "GradientEntry", "GradientReport", "Kink", "check_gradients"]

"""What the errors of several modules share."""

from __future__ import annotations

from typing import Any

import numpy as np


def error_kind(error: Exception) -> type[Exception]:
    """The type under which an error of NumPy's is raised again with a fuller message."""
    kinds = np.linalg.LinAlgError, np.exceptions.AxisError, ValueError, TypeError, IndexError
    return next(kind for kind in kinds if isinstance(error, kind))


def mixture(name: str, value: Any) -> str:
    """The message where scalars and arrays meet."""
    return (
        f"{name}: a Value and an array or Tensor cannot be mixed ({value!r}): use Tensor(v.data) "
        "for the Value, or t.item() for a Tensor of one element"
    )

"""The two classes users hold, as the operations below them know them, and how a record is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .anomalies import check_forward
from .changes import copies, next_number
from .graph import ArrayNode, Constant
from .recording import Mode, mode

if TYPE_CHECKING:
    from .op import Operation
    from .tensor import Tensor
    from .value import Value

NO_PARAMS: Mapping[str, Any] = {}
_IMMUTABLE = frozenset({type(None), bool, int, float, str, tuple, slice})
_new = object.__new__


class Handles:
    """The two classes users hold. They stand above this module and enter themselves here."""

    tensor: type[Tensor]
    value: type[Value]
    join: Callable[[Any], Tensor]  # nested lists with Tensors in them as one


def recorded(
    operation: Operation | None,
    out: np.ndarray,
    parents: tuple[Any, ...],
    saved: tuple[Any, ...],
    params: Mapping[str, Any],
    active: int,
) -> Tensor:
    """A Tensor on the output of an operation, with its record."""
    node = _new(ArrayNode)  # without a call of __init__, as this is what an operation costs
    node.operation = operation
    node.parents = parents
    node.saved = saved
    node.params = params
    node.active = active
    node.shape = out.shape
    node.dtype = out.dtype
    node.number = next_number()
    node.grad = node.hooks = node.watch = None
    node.label = ""
    tensor = _new(Handles.tensor)
    tensor._array = out
    tensor._node = node
    tensor._label = ""
    return tensor


def tell_watchers(out: Tensor, arrays: Sequence[Any]) -> None:
    """Debugging mode, or a picture that is being made, looks at a new record."""
    node = out._node
    assert node is not None
    if mode.watching:
        node.watch = copies(node.saved)
        check_forward(node.operation, node.number, out._array, arrays)
    if mode.observer is not None:
        mode.observer.computed(node, out._array, arrays)


def holds_tensors(x: Any) -> bool:
    """Whether `x` is a list or tuple with a Tensor somewhere in it."""
    if x.__class__ is np.ndarray or not isinstance(x, (list, tuple)):
        return False
    return any([isinstance(item, Handles.tensor) or holds_tensors(item) for item in x])


def own(x: Any) -> Any:
    """What a node keeps of the user's: a copy of what its owner may write to."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if x.__class__ is dict:
        return {key: own(item) for key, item in x.items()}
    return [own(item) for item in x] if isinstance(x, list) else x


def own_params(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of a call's static parameters."""
    for value in params.values():
        if value.__class__ not in _IMMUTABLE:
            return {key: own(value) for key, value in params.items()}
    return params


def constant(operand: Any, array: Any) -> Constant:
    """The note of an operand that records nothing."""
    if isinstance(array, np.ndarray):
        label = operand.label if isinstance(operand, Handles.tensor) else ""
        constant = Constant(array.shape, array.dtype, label=label)
        if Mode.watchers and mode.observer is not None:
            mode.observer.given(constant, operand)
        return constant
    return Constant((), type(array), array)

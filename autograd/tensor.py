"""Tensor: a handle on an array and its node in the graph."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ops, protocols
from .changes import next_number, note_write
from .conversions import Conversions
from .graph import ArrayNode, accumulating, backpropagate
from .handles import Handles
from .hooks import RETAIN, HookHandle
from .methods import Methods
from .op import Operation
from .operators import Operators
from .ops import complex_parts, indexing
from .ops import elementwise as e
from .recording import mode
from .rules import parameter_names

_new = object.__new__


class Tensor(Operators, Methods, Conversions):
    """An array in a computation graph: NumPy's operations record, `backward` differentiates.

    Args:
        data: numbers, nested lists of them, an array or a Tensor; copied, without a graph.
        requires_grad: whether operations on it are recorded; floating and complex dtypes only.
        dtype: as in NumPy; by default that of the data.
        label: a name for pictures.

    Raises:
        TypeError: for data that is not numeric, or requires_grad with a dtype that is neither
            floating nor complex.

    The gradient of a real number by a complex z = x + iy is d/dx - i d/dy, as in JAX: minus its
    conjugate is the direction of steepest descent.

    >>> from autograd import Tensor
    >>> w = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> loss = (w**2).sum()
    >>> loss.backward()
    >>> w.grad
    array([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_array", "_label", "_node", "_retired")
    __array_priority__ = 1000.0

    _array: np.ndarray
    _node: ArrayNode | None
    _label: str
    _retired: ArrayNode | None

    if TYPE_CHECKING:
        # The elementwise functions, installed below from the operation table.
        def __getattr__(self, name: str) -> Callable[..., Tensor]: ...

    def __init__(
        self, data: Any, requires_grad: bool = False, dtype: Any = None, label: str = ""
    ) -> None:
        self._array = _numeric(data, dtype)
        self._label = label
        self._node = None
        if requires_grad:
            self.requires_grad = True

    @classmethod
    def _wrap(cls, array: np.ndarray, node: ArrayNode | None) -> Tensor:
        """A Tensor on an array that nobody else will write to, without a copy."""
        tensor = _new(Tensor)
        tensor._array = array
        tensor._node = node
        tensor._label = ""
        return tensor

    # --- what it is ---

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._array.dtype

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def size(self) -> int:
        return self._array.size

    @property
    def itemsize(self) -> int:
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        return self._array.nbytes

    @property
    def label(self) -> str:
        return self._label if self._node is None else self._node.label

    @label.setter
    def label(self, label: str) -> None:
        self._label = label
        if self._node is not None:
            self._node.label = label

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by a recorded operation."""
        return self._node is None or self._node.operation is None

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded. Switching it off and on again keeps `.grad`."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, required: bool) -> None:
        if required == self.requires_grad:
            return
        if not required and not self.is_leaf:
            raise RuntimeError(
                f"requires_grad of the result of {self._node.operation.name} cannot be switched "  # type: ignore[union-attr]
                "off: use .detach()"
            )
        if required and self.dtype.kind not in "fc":
            raise TypeError(
                f"requires_grad needs a floating or complex dtype, not {self.dtype}: give floats, "
                "or dtype=float"
            )
        if not required:
            self._retired, self._node = self._node, None
            return
        # The node it had before, so that graphs, the gradient and hooks are still its own.
        self._node = getattr(self, "_retired", None) or self._leaf()

    def _leaf(self) -> ArrayNode:
        return ArrayNode(None, (), (), {}, self.shape, self.dtype, self._label)

    @property
    def data(self) -> np.ndarray:
        """The array itself, without its graph. Assigning copies, in the dtype it has.

        A graph recorded before the assignment keeps the old contents. Writing into the array
        changes what older graphs may need: `t.data -= step` is noticed by their backward pass,
        other writes only under `detect_anomaly`.
        """
        return self._array

    @data.setter
    def data(self, data: Any) -> None:
        if data is self._array:  # what `t.data -= step` assigns, having written in place
            note_write(data)
            return
        self._replace(_numeric(data, None), "assignment to .data")

    def adopt(self, array: np.ndarray) -> None:
        """Make `array` the contents of this leaf without a copy; nobody may write to it again.

        For optimisers, which make a new array in each step. Graphs recorded before keep the old
        contents.

        Raises:
            ValueError: for another shape; TypeError: for another dtype.
        """
        if array.dtype != self._array.dtype:
            raise TypeError(
                f"adopt: an array of {array.dtype} for a tensor of {self.dtype}: convert it first"
            )
        if array.shape != self._array.shape or not self.is_leaf:
            self._replace(array, "adopt")
        self._array = array

    def _replace(self, array: np.ndarray, what: str) -> None:
        """Give this leaf new contents of the same shape and dtype; old graphs keep the old."""
        if not self.is_leaf:
            raise RuntimeError(
                f"{what}: this is the result of {self._node.operation.name}, not a leaf: "  # type: ignore[union-attr]
                "compute a new Tensor instead"
            )
        if array.shape != self.shape:
            raise ValueError(
                f"{what}: shape {array.shape} does not fit the tensor's {self.shape}: "
                "reshape it, or make a new Tensor"
            )
        fresh = np.empty_like(self._array)  # in the same memory order
        fresh[...] = array
        self._array = fresh

    @property
    def grad(self) -> Any:
        """The gradient that backward passes have added up; None before the first.

        An array of this tensor's shape and dtype; a Tensor where `create_graph` was asked for.
        """
        return None if self._node is None else self._node.grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        if gradient is None:
            if self._node is not None:
                self._node.grad = None
            return
        if self._node is None:
            raise RuntimeError(".grad of a tensor that does not require grad cannot be set")
        if not isinstance(gradient, Tensor):
            gradient = _numeric(gradient, self.dtype)
        if gradient.shape != self.shape:
            raise ValueError(
                f".grad of shape {gradient.shape} for a tensor of shape {self.shape}: "
                "give a gradient of the same shape"
            )
        self._node.grad = gradient

    # --- derivatives ---

    def backward(
        self, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Add the derivatives of this tensor to `.grad` of the leaves it came from.

        Args:
            gradient: the cotangent, of this tensor's shape; 1 by default for a single element.
            retain_graph: keep what a second backward pass over this graph needs.
            create_graph: record the pass itself, so that `.grad` can be differentiated. Such a
                `.grad` refers to its leaf and the leaf to it: set it to None to free both.

        Raises:
            RuntimeError: where nothing was recorded, the graph was freed, or arrays it needs
                were changed; ValueError: for a gradient of another shape, or none where the
                tensor has several elements.
        """
        seed = seed_of(self, gradient, create_graph)
        asked = backpropagate(
            seed, create_graph=create_graph, retain_graph=retain_graph or create_graph
        )
        with accumulating:
            for node, g in asked.items():
                if create_graph:
                    g = own_gradient(g)
                # A new array each time: one that was handed out earlier never changes.
                node.grad = g if node.grad is None else node.grad + g

    def register_hook(self, hook: Callable[[Any], Any]) -> HookHandle:
        """Call `hook(gradient)` in each backward pass, when this tensor's gradient is complete.

        What it returns, unless None, takes the gradient's place. The handle's `remove()` undoes
        the registration.
        """
        node = self._recorded("register_hook")
        if node.hooks is None:
            node.hooks = {}
        key = next_number()
        node.hooks[key] = hook
        return HookHandle(node.hooks, key)

    def retain_grad(self) -> None:
        """Keep the gradient in `.grad` also though this tensor is not a leaf."""
        node = self._recorded("retain_grad")
        if node.operation is None:
            return
        if node.hooks is None:
            node.hooks = {}
        node.hooks[RETAIN] = None

    def _recorded(self, what: str) -> ArrayNode:
        if self._node is None:
            raise RuntimeError(
                f"{what}: this tensor records nothing: make it, or what it is computed from, "
                "with requires_grad=True, outside no_grad()"
            )
        return self._node

    def detach(self) -> Tensor:
        """The same contents without the graph."""
        return Tensor._wrap(self._array, None)

    # --- assignment: the handle moves on to a new array, nothing recorded changes ---

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, Tensor) and value.requires_grad and self.dtype.kind not in "fc":
            raise TypeError(
                f"item assignment: a value that records cannot go into a tensor of {self.dtype}, "
                "which would round it and lose its gradient: make the tensor with dtype=float"
            )
        self._become(indexing.setitem(self, value, indexing.plain_index(index)), "item assignment")

    def _become(self, result: Tensor, what: str) -> Tensor:
        """Take over the contents and the history of `result`; a leaf keeps its node."""
        if self._node is not None and self.is_leaf:
            if mode.recording:
                raise RuntimeError(
                    f"{what} on a leaf that requires grad would lose it: write t = t + ..., or "
                    "update it under no_grad()"
                )
            self._replace(result._array, what)
            return self
        if result.shape != self.shape:
            raise ValueError(
                f"{what}: the result's shape {result.shape} is not the tensor's {self.shape}: "
                "write t = t + ... to change shape"
            )
        if result.dtype != self.dtype:
            if not np.can_cast(result.dtype, self.dtype, "same_kind"):
                raise TypeError(
                    f"{what}: a result of dtype {result.dtype} does not fit a tensor of dtype "
                    f"{self.dtype}: make the tensor with dtype=float first"
                )
            result = e.cast.unary(result, {"dtype": self.dtype})
        self._array = result._array
        self._node = result._node
        return self

    def __getitem__(self, index: Any) -> Tensor:
        return indexing.getitem.unary(self, {"index": indexing.plain_index(index)})

    @property
    def real(self) -> Tensor:
        """The real part."""
        return complex_parts.real.unary(self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part; zeros of a real tensor."""
        return complex_parts.imag.unary(self)

    # --- NumPy's protocols ---

    __array_ufunc__ = protocols.array_ufunc

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        return protocols.array_function(self, function, args, kwargs)

    # --- copying ---

    def __copy__(self) -> Tensor:
        twin = Tensor._wrap(self._array, self._node)
        twin.__class__ = self.__class__
        twin._label = self._label
        if self.is_leaf:
            twin._array = self._array.copy()
            if self._node is not None:
                twin._node = twin._leaf()
                twin.grad = self.grad
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._array, self._node, self._label)


def seed_of(
    tensor: Tensor, gradient: Any, create_graph: bool, what: str = "backward"
) -> dict[Any, Any]:
    """The node of an output and the cotangent a backward pass starts from."""
    node = tensor._recorded(what)
    if gradient is None:
        if tensor.size != 1:
            raise ValueError(
                f"{what}: a tensor of shape {tensor.shape} is not a single number: reduce it "
                "first, for instance with .sum(), or pass gradient="
            )
        if tensor.dtype.kind == "c":
            raise ValueError(
                f"{what}: a complex number of dtype {tensor.dtype} has no one gradient: make a "
                "real one of it, for instance with .real or abs(), or pass gradient="
            )
        gradient = one(tensor.shape, tensor.dtype)
    elif not (create_graph and isinstance(gradient, Tensor)):
        if np.iscomplexobj(protocols.plain(gradient)) and tensor.dtype.kind != "c":
            raise TypeError(
                f"{what}: a complex gradient for a tensor of dtype {tensor.dtype}: give a real one"
            )
        gradient = _numeric(gradient, tensor.dtype)
    if gradient.shape != tensor.shape:
        raise ValueError(
            f"{what}: a gradient of shape {gradient.shape} for a tensor of shape "
            f"{tensor.shape}: give one of the same shape"
        )
    if create_graph and not isinstance(gradient, Tensor):
        gradient = Tensor._wrap(gradient, None)
    return {node: gradient}


@lru_cache(maxsize=32)
def one(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """The cotangent a backward pass starts from; it is only read."""
    one = np.ones(shape, dtype)
    one.flags.writeable = False
    return one


def own_gradient(g: Any) -> Tensor:
    """A gradient as a Tensor in memory of its own, with the graph it has."""
    if not isinstance(g, Tensor):
        return Tensor._wrap(g, None)
    return Tensor._wrap(g._array.copy(), g._node)


def _numeric(data: Any, dtype: Any) -> np.ndarray:
    """A fresh numeric array of the data."""
    if isinstance(data, Tensor):
        data = data._array
    try:
        array = np.array(data)
        if dtype is not None and array.dtype.kind in "fiubc":
            array = array.astype(dtype, copy=False)
    except (ValueError, TypeError) as error:
        if "lose the graph" in str(error):
            raise
        raise type(error)(
            f"Tensor: {error}: give numbers, or nested lists of numbers of equal lengths"
        ) from error
    if array.dtype.kind not in "fiubc":
        raise TypeError(
            f"Tensor: data of type {type(data).__name__} ({data!r:.60}) is not numeric: "
            "give numbers, nested lists of numbers, or an array"
        )
    return array


def _restored(kind: type[Tensor], array: np.ndarray, node: Any, label: str) -> Tensor:
    tensor = Tensor._wrap(array, node)
    tensor.__class__ = kind
    tensor._label = label
    return tensor


def _method(operation: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    method: Callable[..., Tensor]
    if isinstance(operation, Operation) and operation.few == 1 and not operation.statics:

        def method(self: Tensor) -> Tensor:
            return operation.unary(self)
    else:

        def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            result: Tensor = operation(self, *args, **kwargs)
            return result

    method.__name__ = name
    method.__doc__ = f"`autograd.{name}` of this tensor."
    return method


def _first_parameter(function: Any) -> str:
    if isinstance(function, Operation):
        return function.inputs[0]
    return parameter_names(inspect.unwrap(function))[0] if callable(function) else ""


for _name, _function in ops.PUBLIC.items():
    if _first_parameter(_function) == "x" and not hasattr(Tensor, _name):
        setattr(Tensor, _name, _method(_function, _name))
Handles.tensor = Tensor

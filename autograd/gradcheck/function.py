"""A function under check as one from a flat float64 vector to another.

Complex numbers are two real ones side by side, as `array.view(float)` shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..recording import enable_grad, no_grad
from ..reverse import gradients
from ..tensor import Tensor
from ..trees import LEAF, flatten, named_leaves, unflatten
from ..value import Value
from .flat import (
    Vector,
    contents_of,
    cotangent_of,
    flat,
    flat_outputs,
    is_floating,
    is_numeric,
    pairs_of,
    recorded,
    width_of,
    zero_like,
)
from .surroundings import ModuleState, near, tensors

_EPS = float(np.finfo(float).eps)
_WIDE = {
    np.dtype("float16"): np.dtype(float),
    np.dtype("float32"): np.dtype(float),
    np.dtype("complex64"): np.dtype(complex),
}


@dataclass
class Input:
    """One leaf of the inputs that is varied.

    Attributes:
        name: "input 0", "input 1['w'][2]", or the path of a parameter.
        handle: the Value or Tensor that is varied in place; None for plain data.
        original: its contents before the check.
        span: where its entries are in the flat vector.
        number: whether it is a Python number.
        is_complex: whether each entry is two of the flat vector.
        scalar: whether its handle is a Value.
    """

    name: str
    handle: Any
    original: np.ndarray
    span: slice
    number: bool = False

    def __post_init__(self) -> None:
        self.is_complex = self.original.dtype.kind == "c"
        self.scalar = isinstance(self.handle, Value)

    @property
    def size(self) -> int:
        """The length of its span: complex entries count twice."""
        return int(self.span.stop - self.span.start)

    def contents(self, x: Vector, wide: bool) -> np.ndarray:
        """Its part of the flat vector `x` as an array: in double precision, or in its own."""
        array = x[self.span]
        if self.is_complex:
            array = array.view(complex)
        if array.shape != self.original.shape:
            array = array.reshape(self.original.shape)
        return array if wide else array.astype(self.original.dtype)

    def index(self, place: int) -> tuple[int, ...]:
        """The index of the entry at `place` of the flat vector."""
        k = (place - self.span.start) // (2 if self.is_complex else 1)
        return tuple(int(i) for i in np.unravel_index(k, self.original.shape))


class Function:
    """`f` at `inputs`, with a parameter for each floating leaf of the inputs.

    Args:
        f: the function, or a module with `named_parameters()`, which are then varied as well.
        inputs: its arguments. Integers, text and anything else that is not floating is constant.
        plain: give `f` plain floats and arrays where the inputs are plain, not Tensors.

    Use it `with function.varied():`, which restores the inputs' contents afterwards.
    """

    varies_cotangents = False
    linear = slice(0, 0)  # the part of the flat vector in which it is linear
    cut_off = False  # whether nothing that f returns records
    pairs: Vector  # for each flat output its place or, of a complex one, that of its other part

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any], plain: bool = False) -> None:
        self.f = f
        self.plain = plain
        self.inputs: list[Input] = []
        self.wide = True
        self.evaluations = 0
        self.refusal: Exception | None = None  # the last error f raised away from its inputs
        self.shapes: list[tuple[Any, ...]] | None = None
        self._saved: list[tuple[Any, Any, Any]] = []
        parameters = [] if plain else list(getattr(f, "named_parameters", list)())
        self._find(inputs, parameters)
        objects = list(near(f, inputs))
        self.modules = ModuleState(objects)
        varied = {id(i.handle) for i in self.inputs}
        self._surroundings = [
            t for t in tensors(objects) if t.dtype in _WIDE and id(t) not in varied
        ]
        self.x = np.concatenate([flat(i.original) for i in self.inputs])

    # --- inputs ---

    def _find(self, inputs: Sequence[Any], parameters: Sequence[tuple[str, Any]]) -> None:
        listed = [pair for i, x in enumerate(inputs) for pair in named_leaves(x, f"input {i}")]
        _, self._structure = flatten(list(inputs))
        self._nested = any(x is not LEAF for x in self._structure)
        given = [x for _, x in (*listed, *parameters)]
        scalars = any(isinstance(x, Value) for x in given)
        arrays = any(isinstance(x, (np.ndarray, Tensor)) and is_floating(x) for x in given)
        self._constants: list[Any] = []
        for name, x in listed:
            if not self.plain and not isinstance(x, Value) and is_floating(x):
                if scalars and not arrays:
                    x = Value(x)
                elif not (isinstance(x, Tensor) and x.requires_grad):
                    x = Tensor(x, requires_grad=True)
            self._constants.append(self._vary(name, x) if is_floating(x) else x)
        for name, x in parameters:
            if isinstance(x, Value) or x.requires_grad:  # the others are frozen
                self._vary(name, x)
        if not self.inputs:
            raise TypeError(
                "check_gradients: none of the inputs is floating: give floats, arrays or Tensors "
                "of floats, Values, or a module with parameters"
            )

    def _vary(self, name: str, x: Any) -> Any:
        """Enter a leaf; what stands for it among the arguments: a handle, or an Input."""
        handle = x if isinstance(x, (Value, Tensor)) else None
        if handle is not None and any(handle is known.handle for known in self.inputs):
            return handle
        original = np.asarray(x.data if isinstance(x, (Value, Tensor)) else x)
        if original.size == 0:
            raise ValueError(f"check_gradients: {name} of shape {original.shape} is empty")
        label = getattr(handle, "label", "")
        start = self.inputs[-1].span.stop if self.inputs else 0
        width = original.size * (2 if original.dtype.kind == "c" else 1)
        found = Input(
            f"{name} ({label})" if label else name,
            handle,
            original,
            slice(start, start + width),
            isinstance(x, (float, complex)),
        )
        self.inputs.append(found)
        return found if handle is None else handle

    @contextmanager
    def varied(self) -> Iterator[None]:
        """While it lasts, the handles are leaves of their own whose contents may be replaced."""
        handles = [i.handle for i in self.inputs if i.handle is not None]
        self._saved = [
            (h, h.data, None) if isinstance(h, Value) else (h, h._array, h._node)
            for h in (*handles, *self._surroundings)
        ]
        try:
            with no_grad(), np.errstate(all="ignore"):
                yield
        finally:
            self._fitted = None
            for handle, contents, node in self._saved:
                if isinstance(handle, Value):
                    handle.data = contents
                else:
                    handle._array, handle._node = contents, node

    def place(self, x: Vector, wide: bool | None = None) -> list[Any]:
        """Give the handles the contents `x`; the arguments to call `f` with."""
        wide = self.wide if wide is None else wide
        if x is self.x:
            x = x.copy()  # which `f` may write to
        plain: dict[int, Any] = {}
        for i in self.inputs:
            array = i.contents(x, wide)
            if i.handle is None:
                plain[id(i)] = array.item() if i.number else array
            elif i.scalar:
                i.handle.data = float(array)
            else:
                i.handle._array = array
        if wide is not self._fitted:
            self._fit(wide)
        self._placed = plain
        return self._arguments(plain)

    _fitted: bool | None = None  # the `wide` that nodes and surroundings are made for

    def _fit(self, wide: bool) -> None:
        """Make the handles leaves of their present dtype, and what `f` uses besides as wide."""
        self._fitted = wide
        for i in self.inputs:
            if i.handle is not None and not i.scalar:
                i.handle._node = i.handle._leaf()
        own = {id(handle): (array, node) for handle, array, node in self._saved}
        for t in self._surroundings:
            array, node = own[id(t)]
            t._array = array.astype(_WIDE[array.dtype]) if wide else array
            t._node = t._leaf() if wide and node is not None else node

    def _arguments(self, plain: dict[int, Any]) -> list[Any]:
        """What `f` is called with, the plain leaves taken from `plain` by their Input's id."""
        found = self._constants
        if plain:
            found = [plain[id(c)] if isinstance(c, Input) else c for c in found]
        return list(unflatten(self._structure, iter(found)) if self._nested else found)

    # --- outputs ---

    def outputs(self, x: Vector, wide: bool | None = None, create_graph: bool = False) -> list[Any]:
        """The floating leaves of what `f` returns at `x`."""
        arguments = self.place(x, wide)
        self.evaluations += 1
        result = self.modules.call(self.f, arguments)
        if isinstance(result, Tensor) and self.shapes == [result._array.shape] and (
            result._array.dtype.kind in "fc"
        ):  # fmt: skip
            return [result]  # what most calls give
        found = [y for _, y in named_leaves(result, "output")] or [result]
        floating = [y for y in found if is_floating(y)]
        for y in found:
            if not isinstance(y, (Value, Tensor)) and not (self.plain and is_numeric(y)):
                raise TypeError(
                    f"check_gradients: the function returned {type(y).__name__} {y!r:.60}: it "
                    + (
                        "must return numbers or arrays"
                        if self.plain
                        else "must return a Value or Tensor computed from its inputs; for a "
                        "function of plain numbers give its gradient as gradient="
                    )
                )
        shapes = [np.shape(contents_of(y)) for y in floating]
        if self.shapes is None:
            self.shapes = shapes
            self.pairs = pairs_of(floating)
        elif shapes != self.shapes:
            raise ValueError(
                f"check_gradients: the function returned shapes {shapes}, and {self.shapes} in "
                "another call: the shapes must not depend on the values"
            )
        return floating

    def __call__(self, x: Vector) -> Vector:
        """The outputs at `x` as a flat vector; NaN where `f` refuses `x` as out of its domain."""
        try:
            return flat_outputs(self.outputs(x))
        except (ArithmeticError, ValueError) as error:
            if self._size is None or "check_gradients" in str(error):
                raise
            self.refusal = error
            return np.full(self._size, np.nan)

    _size: int | None = None

    def complex_step(self, step: Vector) -> Vector | None:
        """The imaginary part of the outputs at x + i step; None where `f` is not for that."""
        if any(isinstance(i.handle, Value) or i.is_complex for i in self.inputs) or not self.wide:
            return None
        plain = {}
        for i in self.inputs:
            array = i.contents(self.x, True) + 1j * i.contents(step, True)
            plain[id(i)] = array
            if i.handle is not None:
                i.handle._array, i.handle._node = array, None
        try:
            result = self.modules.call(self.f, self._arguments(plain))
            parts = [
                np.asarray(contents_of(y))
                for _, y in named_leaves(result, "output")
                if is_floating(y)
            ]
            imaginary = np.concatenate([np.imag(y).reshape(-1) for y in parts])
        except Exception:  # whatever a function of real numbers makes of complex ones
            return None
        return imaginary if imaginary.size == self._size else None

    def start(self) -> Vector:
        """The outputs at the inputs, after looking for what no check can be made of.

        Raises:
            ValueError: where the function changes its inputs, is not deterministic, returns
                nothing floating, or is not finite; TypeError: for results of another kind.
        """
        try:
            first = self._first()
        except Exception as error:
            error.add_note(f"raised by the function under check at {self.shown(self.x)}")
            raise
        self._size = first.size
        self._check_unchanged()
        second = self(self.x)
        if (first == second).all() and np.isfinite(first).all():
            return first
        scale = np.max(np.abs(first), initial=0.0, where=np.isfinite(first))
        eps = self.precision
        with np.errstate(invalid="ignore"):
            moved = np.abs(first - second) > 64 * eps * scale
        if moved.any() or (np.isnan(first) != np.isnan(second)).any():
            k = int(np.argmax(moved | (np.isnan(first) != np.isnan(second))))
            raise ValueError(
                "check_gradients: the function is not deterministic: called twice at the same "
                f"inputs it returned {first[k]!r} and {second[k]!r}: give it a fixed seed, or "
                "generators that are attributes of a module"
            )
        if not np.isfinite(first).all():
            k = int(np.argmin(np.isfinite(first)))
            raise ValueError(
                f"check_gradients: the function is {first[k]} at the inputs (output entry {k}), "
                f"{self.shown(self.x)}: check at a point inside its domain"
            )
        return first

    def _first(self) -> Vector:
        """The first evaluation: in double precision or, if `f` refuses that, in the inputs' own."""
        try:
            first = self(self.x)
        except TypeError:
            own = {i.original.dtype for i in self.inputs}
            if own <= {np.dtype(float), np.dtype(complex)}:
                raise
            self.wide = False
            first = self(self.x)
        if first.size == 0:
            raise ValueError(
                "check_gradients: the function returned nothing floating: it must return at "
                "least one number"
            )
        return first

    def _check_unchanged(self) -> None:
        for i in self.inputs:
            if i.handle is None:
                now = self._placed[id(i)]
            else:
                now = i.handle.data if i.scalar else i.handle._array
            before = i.contents(self.x, self.wide)
            same = np.shape(now) == before.shape and (now == before).all()
            if not same and not np.array_equal(now, before, equal_nan=True):
                raise ValueError(
                    f"check_gradients: the function changes {i.name}: let it work on a copy"
                )

    @property
    def precision(self) -> float:
        """The unit roundoff of the coarsest dtype that `f` is given."""
        if self.wide:
            return _EPS
        return max(float(np.finfo(i.original.dtype).eps) for i in self.inputs)

    def shown(self, x: Vector) -> str:
        """The inputs at `x`, for messages."""
        parts = [
            f"{i.name} = {np.array2string(i.contents(x, True), threshold=6, separator=', ')}"
            for i in self.inputs[:4]
        ]
        return "; ".join(parts) + ("; ..." if len(self.inputs) > 4 else "")


class GradientOf(Function):
    """The first derivatives of a function as one of its inputs and of its cotangents.

    Its own derivatives are the second ones of the function, and (by the cotangents, in which it
    is linear) the first ones transposed. `wrong only at order 2` shows here.
    """

    varies_cotangents = True

    def __init__(self, function: Function, cotangent: Vector) -> None:
        self.function = function
        self.f = function.f
        self.plain = False
        self.wide = function.wide
        self.evaluations = 0
        self.refusal = None
        self.shapes = None
        self.inputs = list(function.inputs)
        self.modules = function.modules
        self._surroundings = []
        self._cotangents: list[Any] = []
        self.pairs = pairs_of([i.handle for i in function.inputs])
        self._cut(cotangent)
        self.linear = slice(function.x.size, None)
        self.x = np.concatenate([flat(i.original) for i in self.inputs])

    def complex_step(self, step: Vector) -> None:
        """None: the first derivatives are computed by the engine, for real inputs."""
        return None

    def _cut(self, cotangent: Vector) -> None:
        """Enter a leaf for the cotangent of each output that records."""
        start = 0
        with enable_grad():
            outputs = self.function.outputs(self.function.x)
        for k, y in enumerate(outputs):
            n = width_of(y)
            piece = cotangent[start : start + n]
            start += n
            if not recorded(y) or n == 0:
                self._cotangents.append(None)
                continue
            contents = cotangent_of(y, piece)
            handle = Value(contents) if isinstance(y, Value) else Tensor(contents, True)
            first = self.inputs[-1].span.stop
            self.inputs.append(
                Input(f"cotangent {k}", handle, np.asarray(contents), slice(first, first + n))
            )
            self._cotangents.append(handle)

    def place(self, x: Vector, wide: bool | None = None) -> list[Any]:
        Function.place(self, x, wide)
        return self.function.place(x, wide)

    def _arguments(self, plain: dict[int, Any]) -> list[Any]:
        return []

    def outputs(self, x: Vector, wide: bool | None = None, create_graph: bool = False) -> list[Any]:
        with enable_grad():
            self.place(x, wide)
            ys = self.function.outputs(x, wide)
            pairs = [(y, c) for y, c in zip(ys, self._cotangents, strict=True) if c is not None]
            self.evaluations += 1
            handles = [i.handle for i in self.function.inputs]
            found = gradients(
                [y for y, _ in pairs],
                handles,
                [c if create_graph else c.data for _, c in pairs],
                create_graph=create_graph,
                allow_unused=True,
            )
        return [zero_like(h) if g is None else g for g, h in zip(found, handles, strict=True)]

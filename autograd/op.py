"""What an operation is, and the funnel that every operation passes.

An operation has a forward function, a derivative rule for each input, and a name. Calling it
computes on floats and arrays, and records on `Value`s and `Tensor`s. The names of a rule's
parameters are the contract:

======================  =====================================================================
``g``                   the incoming cotangent, always first
``x`` ``y`` ``z`` ...   an input, under the name the forward function gives it
``out``                 the output
``x_shape`` ...         the shape of an input
``axis`` ...            a static parameter of the forward function
a name in ``kept``      a by-product of the forward function
``xs`` ``i`` ``shapes``  of an operation on any number of inputs: all of them, the position of
                        the one the rule is asked about, and the shapes of all
======================  =====================================================================

Only the arrays that the rules in use name stay alive until the backward pass. Rules are written
with operations, so the same line is evaluated on plain arrays in a first-order backward pass and
on recording Tensors where a derivative of the derivative is wanted.
"""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import funnels
from .errors import error_kind, mixture
from .graph import ArrayNode
from .handles import (
    NO_PARAMS,
    Handles,
    constant,
    holds_tensors,
    own,
    own_params,
    recorded,
    tell_watchers,
)
from .recording import Mode, mode
from .rules import CompiledRule, Rule, written
from .steps import Steps

if TYPE_CHECKING:
    from .tensor import Tensor
    from .value import Value

OPERATIONS: dict[str, Operation] = {}
"""Every operation by its name: the table that tests, pictures and pickles read."""

NUMPY: dict[Any, Callable[..., Any]] = {}
"""The function of ours that answers for a function of NumPy's."""

_SCALARS = (float, int)


class Operation:
    """An operation: callable on floats, arrays, Values and Tensors; made by `operation`.

    Attributes:
        name: what errors and pictures call it.
        symbol: how a scalar picture writes it ("+" for add).
        forward: the computation on arrays.
        scalar: the computation on Python floats, or None.
        rules: one per input (one for all where the operation takes any number).
        elementwise: whether each output entry depends on the input entries at its place only.
        moves: whether it only moves, repeats or adds up entries.
        linear: True where it is linear in all inputs together, "each" where in each by itself.
        pushes: forward-mode rules, one per input, where they are declared.
        few: how many inputs there are, 0 if more than two or any number.
        unary: where there is one input, the operation on one Tensor (and static parameters).
        binary: where there are two, the operation on a Tensor and anything.
        reflected: the same on a Tensor, given first, as second operand, and what is no Tensor.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: Sequence[Rule | None],
        *,
        name: str,
        inputs: Sequence[str] | None,
        statics: Sequence[inspect.Parameter] = (),
        scalar: Callable[..., float] | None = None,
        scalar_factors: Callable[[Sequence[float]], Sequence[float]] | None = None,
        kept: Mapping[str, Rule] | None = None,
        symbol: str = "",
        hint: str = "",
        elementwise: bool = False,
        moves: bool = False,
        linear: bool | Literal["each"] = False,
        pushes: Sequence[Rule | None] | None = None,
    ) -> None:
        if name == "<lambda>":
            raise TypeError("an operation made from a lambda needs a name: pass name=")
        self.name = self.__name__ = name
        self.__doc__ = forward.__doc__
        self.symbol = symbol or name
        self.hint = hint
        self.forward = forward
        self.scalar = scalar
        self.scalar_factors = scalar_factors
        self.elementwise = elementwise
        self.moves = moves
        self.linear = linear
        self.kept = dict(kept or {})
        self._take_parameters(inputs, statics)
        self._take_rules(rules, pushes or ())
        # Declared again in its own module it is replaced: a notebook's cell was run twice.
        self.module = next((rule.__module__ for rule in rules if rule), forward.__module__)
        # Our own rules return `g`, a view or an array of their own; another's may return an array
        # they were given, and then it must not be written to.
        self.careful = not self.module.startswith(("autograd.", "nn."))
        known = OPERATIONS.get(name)
        if known is not None and known.module != self.module:
            raise ValueError(f"there is an operation {name!r} already: choose another name")
        OPERATIONS[name] = self
        self._open_funnels()

    def _take_parameters(
        self, inputs: Sequence[str] | None, statics: Sequence[inspect.Parameter]
    ) -> None:
        """The array inputs, and the static parameters: names, those by position, defaults."""
        self.variadic = inputs is None
        self.inputs = ["xs"] if inputs is None else list(inputs)
        self.statics = [p.name for p in statics]
        self._names = dict.fromkeys(self.statics).keys()
        self._positional = [p.name for p in statics if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.defaults = {p.name: p.default for p in statics if p.default is not p.empty}
        # The slots of a node's `saved`: the inputs, the output, the by-products.
        self.slots = [*self.inputs, "out", *self.kept]

    def _take_rules(self, rules: Sequence[Rule | None], pushes: Sequence[Rule | None]) -> None:
        if len(rules) != len(self.inputs):
            raise TypeError(
                f"{self.name}: {len(rules)} rules for the inputs {self.inputs}: give one for "
                "each, None for an input without a derivative"
            )
        self.rules = [None if rule is None else CompiledRule(rule, self) for rule in rules]
        self.steps = Steps(self)
        self.pushes = [
            None if rule is None else CompiledRule(rule, self, first="t") for rule in pushes
        ]
        # The inputs with a rule, as bits.
        self._ruled = sum([1 << i for i, rule in enumerate(self.rules) if rule])
        self._plans: dict[int, tuple[bool, ...]] = {}
        self._picks: dict[int, Callable[..., tuple[Any, ...]]] = {}
        self._local: dict[int, Callable[..., tuple[float | None, ...]]] = {}

    @cached_property
    def pulls(self) -> list[Rule | None]:
        """The rules as functions of a node, see `CompiledRule`."""
        return [None if rule is None else rule.apply for rule in self.rules]

    def _open_funnels(self) -> None:
        """The frequent calls by functions of their own: of `few` operands, 0 for all others."""
        self.few = 0 if self.variadic or len(self.inputs) > 2 else len(self.inputs)
        if self.few == 1:
            self.unary = funnels.unary(self)
        elif self.few == 2:
            self.binary = funnels.binary(self)
            self.reflected = funnels.with_plain(self, 1)

    def bind(
        self, args: Sequence[Any], given: Mapping[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """Split a call's arguments into operands and the complete static parameters."""
        n = len(args) if self.variadic else len(self.inputs)
        if len(args) == n and given.keys() == self._names:
            return args, dict(given)
        extra = args[n:]
        params = {**self.defaults, **dict(zip(self._positional, extra, strict=False)), **given}
        if len(args) < n or len(extra) > len(self._positional) or params.keys() != {*self.statics}:
            call = ", ".join([*self.inputs, *self.statics])
            odd = sorted(params.keys() ^ {*self.statics})
            raise TypeError(
                f"{self.name}: takes ({call}), got {len(args)} positional arguments"
                + (f" and is missing or does not know {', '.join(odd)}" if odd else "")
            )
        return args[:n], params

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __copy__(self) -> Operation:
        return self

    def __deepcopy__(self, memo: Any) -> Operation:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if OPERATIONS.get(self.name) is not self:
            raise pickle.PicklingError(
                f"another operation {self.name!r} was declared since: give each a name of its own"
            )
        return _operation_named, (self.name,)

    def source(self, name: str) -> str:
        """Where the value of a rule's parameter is found, as an expression of a node."""
        if name in self.slots:
            return f"saved[{self.slots.index(name)}]"
        if self.variadic and name == "i":
            return name
        if self.variadic and name == "shapes":
            return "[parent.shape for parent in node.parents]"
        if name.endswith("_shape") and name[: -len("_shape")] in self.inputs:
            return f"node.parents[{self.inputs.index(name[: -len('_shape')])}].shape"
        if name in self.statics:
            return f"node.params[{name!r}]"
        raise TypeError(
            f"{self.name}: a rule's parameter {name!r} is none of {', '.join(self.slots)}, "
            f"the shapes, and {', '.join(self.statics) or 'static parameters (there are none)'}"
        )

    # --- forward ---

    def __call__(self, *operands: Any, **params: Any) -> Any:
        """Compute, and record if an operand is a Tensor or Value that records."""
        if params or self.statics or len(operands) != self.few:
            operands, params = self.bind(operands, params)  # type: ignore[assignment]
        tensor, value = Handles.tensor, Handles.value
        if self.few == 1:
            x = operands[0]
            if isinstance(x, tensor):
                return self.unary(x, params)
        elif self.few == 2:
            x, y = operands
            if isinstance(x, tensor):
                return self.binary(x, y, params)
            if isinstance(y, tensor):
                return self.reflected(y, x, params)
        for x in operands:
            if x.__class__ is not np.ndarray:
                break
        else:  # as in the rules of a first-order backward pass
            out = self.compute(operands, params)
            return out[0] if self.kept else out
        for x in operands:
            if isinstance(x, value):
                return self.on_values(operands)
            if isinstance(x, tensor) or holds_tensors(x):
                return self.on_tensors(operands, params)
        if self.scalar is not None:
            for x in operands:
                if not isinstance(x, _SCALARS):
                    break
            else:
                return self.on_floats(operands)
        arrays = [self.array(x) for x in operands]
        out = self.compute(arrays, params)
        return out[0] if self.kept else out

    def on_floats(self, floats: Sequence[float]) -> float:
        """The result on Python floats; NumPy's inf or nan at the edge of the domain.

        NumPy's own floats stay so: a rule that fails on Python's is evaluated again with them.
        """
        if np.float64 in map(type, floats):
            with np.errstate(all="ignore"):
                return np.float64(self.forward(*floats))
        try:
            return self.scalar(*floats)  # type: ignore[misc]  # only called where there is one
        except (ArithmeticError, ValueError):
            with np.errstate(all="ignore"):
                return float(self.forward(*map(np.float64, floats)))

    def array(self, x: Any) -> Any:
        """A plain operand as a number or an array NumPy can compute with."""
        if x.__class__ is np.ndarray and x.dtype.kind in "fiubc":
            return x
        if isinstance(x, (*_SCALARS, complex)):  # which leave a narrower array its dtype
            return x
        if isinstance(x, Handles.value):
            raise TypeError(mixture(self.name, x))
        array = x
        if x.__class__ is not np.ndarray:
            # A plain array, copied: memory of array.array and the like is its owner's to change,
            # and np.matrix has another `*` than the rules mean.
            if isinstance(x, np.ma.MaskedArray):
                raise TypeError(
                    f"{self.name}: a masked array would lose its mask: use .filled(), or "
                    "autograd.where"
                )
            array = np.array(x)
        if array.dtype.kind not in "fiubc":
            raise TypeError(
                f"{self.name}: {type(x).__name__} {x!r:.60} is not numeric: "
                "give numbers, an array of numbers, a Value or a Tensor"
            )
        return array

    def compute(self, arrays: Sequence[Any], params: Mapping[str, Any]) -> Any:
        """The forward function, with its errors naming the operation and the shapes."""
        try:
            return self.forward(*arrays, **params)
        except (ValueError, TypeError, IndexError) as error:
            raise self.explained(error, arrays, params) from error

    def explained(
        self, error: Exception, arrays: Sequence[Any], params: Mapping[str, Any]
    ) -> Exception:
        """NumPy's `error` with the operation, what it was given, and what to do."""
        if not isinstance(params, Mapping):  # an operator was called with a third operand
            return TypeError(f"{self.name}: takes two operands: for pow(x, y, z) write x**y % z")
        given = [f"{np.shape(x)} {getattr(x, 'dtype', type(x).__name__)}" for x in arrays]
        given += [f"{key}={value!r}" for key, value in params.items()]
        message = f"{self.name}: {error}; given {', '.join(given)}"
        if isinstance(error, ValueError) and (not self.elementwise or "broadcast" in str(error)):
            message += f": {self.hint}" if self.hint else ""
        return error_kind(error)(message)

    def on_tensors(self, operands: Sequence[Any], params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
        """The funnel: compute on arrays and record, if anything here records."""
        tensor = Handles.tensor
        arrays: list[Any] = []
        parents: list[Any] = []
        recording = 0  # the inputs that record, as bits
        bit = 1
        for x in operands:
            node = None
            if isinstance(x, tensor):
                arrays.append(x._array)
                node = x._node
            elif x.__class__ is np.ndarray:
                arrays.append(self.array(x))
            elif holds_tensors(x):
                joined = [Handles.join(y) if holds_tensors(y) else y for y in operands]
                return self.on_tensors(joined, params)
            else:
                arrays.append(self.array(x))
            parents.append(node)
            if node is not None:
                recording |= bit
            bit += bit
        try:
            out = self.forward(*arrays, **params)
        except (ValueError, TypeError, IndexError) as error:
            raise self.explained(error, arrays, params) from error
        by_products: Sequence[Any] = ()
        if self.kept:
            out, *by_products = out
        if out.__class__ is not np.ndarray:
            out = np.asarray(out)
        variadic = self.variadic
        active = (recording and self._ruled) if variadic else recording & self._ruled
        if not active or not mode.recording:
            return tensor._wrap(out, None)
        if recording != bit - 1:
            keep = self.plan(active)
            for i, node in enumerate(parents):
                if node is None:
                    parents[i] = constant(operands[i], arrays[i])
                    if keep[0 if variadic else i] and operands[i] is arrays[i]:
                        arrays[i] = own(arrays[i])
        pick = self._picks.get(active) or self._pick_for(active)
        if self.careful and out.dtype.kind not in "fc":
            raise TypeError(
                f"{self.name}: a result of dtype {out.dtype} cannot carry a gradient: return "
                "floats, or declare the rules as None"
            )
        saved = pick(arrays, out, by_products)
        result = recorded(self, out, tuple(parents), saved, own_params(params), active)
        if Mode.watchers:
            tell_watchers(result, arrays)
        return result

    def _pick_for(self, active: int) -> Callable[..., tuple[Any, ...]]:
        """What a node saves where the inputs in `active` record, as a function.

        For multiply with both active it reads `(arrays[0], arrays[1], None, *by_products)`.
        """
        plan = self.plan(active)
        places = ["tuple(arrays)"] if self.variadic else [f"arrays[{i}]" for i in range(len(plan))]
        places[len(self.inputs) :] = ["out"]
        terms = [place if named else "None" for place, named in zip(places, plan, strict=False)]
        source = f"lambda arrays, out, by_products: ({', '.join(terms)}, *by_products)"
        self._picks[active] = pick = written(source)
        return pick

    def plan(self, active: int) -> tuple[bool, ...]:
        """Which slots the rules of the inputs whose bit in `active` is set need."""
        found = self._plans.get(active)
        if found is not None:
            return found
        rules = [
            rule
            for table in (self.rules, self.pushes)
            for i, rule in enumerate(table)
            if rule and (self.variadic or active >> i & 1)
        ]
        names = {name for rule in rules for name in rule.saved}
        for by_product, recomputed in self.kept.items():
            if by_product in names:
                names.update(inspect.signature(recomputed).parameters)
        self._plans[active] = plan = tuple(slot in names for slot in self.slots)
        return plan

    # --- backward ---

    def as_tensors(self, node: ArrayNode) -> list[Any]:
        """What the node saved as the recording Tensors it was."""
        wrap = Handles.tensor._wrap

        def lift(array: Any, parent: Any) -> Any:
            if not isinstance(array, np.ndarray):
                return array
            return wrap(array, parent if parent.number else None)

        values: list[Any]
        if self.variadic:
            xs = node.saved[0]
            values = [xs and tuple([lift(x, p) for x, p in zip(xs, node.parents, strict=True)])]
        else:
            values = [lift(x, p) for x, p in zip(node.saved, node.parents, strict=False)]
        values.append(lift(node.saved[len(values)], node))
        known = dict(zip(self.slots, values, strict=False)) | dict(node.params)
        for recompute in self.kept.values():
            # A by-product has no node of its own: made again, so that it records.
            names = inspect.signature(recompute).parameters
            values.append(recompute(*[known[name] for name in names]))
        return values

    # --- Values ---

    def on_values(self, operands: Sequence[Any]) -> Value:
        """The same for scalars, recorded by the Value class."""
        if self.scalar is None:
            raise TypeError(
                f"{self.name}: takes arrays or Tensors, not a Value: "
                "use Tensor(v.data), or the methods of Value"
            )
        return Handles.value._recorded(self, operands)

    def local_derivatives(self, active: int) -> Callable[..., tuple[float | None, ...]]:
        """The rules at g = 1 as one function of the inputs and the output, on floats.

        For multiply it reads `lambda x, y, out: (rule0(1.0, y), rule1(1.0, x))`; resolving the
        names once makes scalar graphs several times faster.

        Args:
            active: a bit for each input; where it is not set the result has None.
        """
        found = self._local.get(active)
        if found is not None:
            return found
        terms = []
        for i, rule in enumerate(self.rules):
            if rule is None or not active >> i & 1:
                terms.append("None")
            elif not rule.names:
                terms.append(repr(rule.function(1.0)))
            else:
                terms.append(f"rule{i}(1.0, {', '.join(rule.names)})")
        rules = {f"rule{i}": rule.function for i, rule in enumerate(self.rules) if rule}
        source = f"lambda {', '.join(self.slots)}: ({', '.join(terms)},)"
        self._local[active] = written(f"lambda {', '.join(rules)}: {source}")(**rules)
        return self._local[active]

    def scalar_rule(self, i: int, g: Any, xs: Sequence[Any], out: Any) -> Any:
        """The contribution to input `i` by its rule, on Values: for higher derivatives."""
        rule = self.rules[0 if self.variadic else i]
        if rule is None:
            return None
        slots = [xs, out] if self.variadic else [*xs, out]
        return rule.apply(g, slots, None, i)


def _operation_named(name: str) -> Operation:
    if name not in OPERATIONS:
        raise LookupError(f"no operation {name!r}: import the module that declares it first")
    return OPERATIONS[name]

"""Module: a model is an object whose attributes hold its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import recursive_repr
from typing import Any, NamedTuple, Self

import numpy as np

from autograd import Tensor, Value, scope

from .casting import Casting
from .hooks import Hooks
from .init import generator_or_default
from .parameter import Parameter
from .state import Entry, add, check, put, snapshot
from .tree import Tree, attributes, check_free, walk

__all__ = ["Loaded", "Module", "Parameter"]


class Loaded(NamedTuple):
    """What `load_state_dict(strict=False)` left out.

    >>> import nn
    >>> nn.Linear(1, 1).load_state_dict({}, strict=False).missing_keys
    ['weight', 'bias']
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module(Tree, Hooks, Casting):
    """A model or a part of one: write `forward`, assign parameters and modules as attributes.

    Parameters (`Parameter`, and leaf `Value`s) are found by walking the attributes, through
    modules, lists, tuples and dicts. A parameter reached twice counts once.

    >>> import numpy as np
    >>> import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = nn.Parameter(np.array([2.0]))
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(np.array([3.0])).item()
    6.0
    >>> [name for name, _ in Scale().named_parameters()]
    ['factor']
    """

    training = True
    optional_state: tuple[str, ...] = ()
    """Names of entries of this class's state that a state given may have or not."""
    _buffers: Mapping[str, bool] = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward method")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        forward = self._hooked_forward if self._hooks else self.forward
        if scope.active:  # a picture is being made
            with scope(self):
                return forward(*args, **kwargs)
        return forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._buffers:
            value = self._as_buffer(name, value)
        current = self.__dict__.get(name)
        if isinstance(current, (Parameter, Module)) and not (
            value is None or isinstance(value, (Parameter, Value, Module))
        ):
            kind, remedy = "module", "a module"
            if isinstance(current, Parameter):
                kind, remedy = "parameter", f"nn.Parameter(...), or to .{name}.data"
            raise TypeError(
                f"{type(self).__name__}: {name} is a {kind}, and {type(value).__name__} would not "
                f"be trained: assign {remedy}; for something else, `del` it first"
            )
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._no_buffer(name)

    def generators(self) -> list[np.random.Generator]:
        """What random layers draw from: generators among the attributes, and the package's own."""
        found = [x for m in self.modules() for _, x in attributes(m)]
        own = [x for x in found if isinstance(x, np.random.Generator)]
        return [*own, generator_or_default(None)]

    # --- state ---

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make the attribute `name` an array that is state but not trained.

        Args:
            name: of the attribute; assign to it as to any other.
            tensor: its contents, copied; None for a buffer that is not in use.
            persistent: whether `state_dict` has it.

        Raises:
            ValueError: for a name that is no name of an attribute, or is taken; TypeError: for
                what is not numeric.

        >>> import nn
        >>> module = nn.Identity()
        >>> module.register_buffer("mean", [0.0, 0.0])
        >>> module.mean
        array([0., 0.])
        """
        if name not in self._buffers:
            check_free("register_buffer", self, name)
        if isinstance(tensor, Tensor):
            tensor = self._unrecorded(name, tensor)
        super().__setattr__(name, None if tensor is None else _numeric(name, np.array(tensor)))
        self.__dict__["_buffers"] = {**self._buffers, name: persistent}

    def _as_buffer(self, name: str, value: Any) -> Any:
        """What becomes the contents of a buffer, or takes its name if it is no array."""
        if isinstance(value, (Parameter, Value, Module)):
            self._no_buffer(name)
            return value
        if isinstance(value, Tensor):
            value = self._unrecorded(name, value)
        return None if value is None else _numeric(name, np.asarray(value))

    def _unrecorded(self, name: str, tensor: Tensor) -> np.ndarray:
        """The contents of a Tensor that can be a buffer."""
        if tensor.requires_grad:
            raise TypeError(
                f"{type(self).__name__}: {name} is a buffer, which nothing is trained "
                "through, and the Tensor given records: give its .detach()"
            )
        return tensor.data

    def _no_buffer(self, name: str) -> None:
        if name in self._buffers:
            others = {other: kept for other, kept in self._buffers.items() if other != name}
            self.__dict__["_buffers"] = others

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> list[tuple[str, np.ndarray]]:
        """(name, array) pairs of the buffers of this module and, where `recurse`, all below it.

        A module reached twice counts once, unless `remove_duplicate` is False.
        """
        modules = [(prefix, self)]
        if recurse:
            modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        return [
            (f"{path}.{name}" if path else name, buffer)
            for path, module in modules
            for name in module._buffers
            if (buffer := getattr(module, name)) is not None
        ]

    def buffers(self, recurse: bool = True) -> list[np.ndarray]:
        """The buffers of this module and, where `recurse`, all below it."""
        return [buffer for _, buffer in self.named_buffers(recurse=recurse)]

    def get_buffer(self, target: str) -> np.ndarray:
        """The buffer at the path `target`, such as "layers.1.running_mean".

        Raises:
            AttributeError: for a path to none.
        """
        every = self.named_buffers(remove_duplicate=False)
        found: np.ndarray = self._at("get_buffer", target, every)
        return found

    def state_dict(self) -> dict[str, np.ndarray]:
        """The contents of all parameters and persistent buffers, copied, under PyTorch's names.

        A parameter that two modules share is there under both names, as in PyTorch.

        >>> import nn
        >>> {name: array.shape for name, array in nn.Linear(3, 2).state_dict().items()}
        {'weight': (2, 3), 'bias': (2,)}
        """
        entries, _ = self.state_entries()
        return {name: snapshot(entry) for name, entry in entries.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Loaded:
        """Take over what `state_dict` of a model of the same structure gave, PyTorch's as well.

        Args:
            state_dict: arrays by name, of this model's shapes and dtypes, or narrower dtypes.
            strict: whether each name has to be in both.

        Raises:
            ValueError: naming every missing, unexpected and misshapen entry; nothing is loaded
                then.

        >>> import numpy as np
        >>> import nn
        >>> layer = nn.Linear(2, 1)
        >>> layer.load_state_dict({"weight": np.ones((1, 3), np.float32), "bais": np.zeros(1)})
        Traceback (most recent call last):
            ...
        ValueError: Linear.load_state_dict: the state does not fit the model, nothing was loaded
          missing: bias
          unexpected: bais
          misshapen: weight is (1, 3), the model's (1, 2)
        """
        entries, optional = self.state_entries()
        what = f"{type(self).__name__}.load_state_dict"
        arrays, missing, unexpected = check(what, entries, state_dict, strict, optional)
        put(entries, arrays)
        return Loaded(missing, unexpected)

    def state_entries(self) -> tuple[dict[str, Entry], set[str]]:
        """Where each entry of the state is, and the names that a state given may have or not."""
        entries: dict[str, Entry] = {}
        optional: set[str] = set()
        buffers: dict[str, Entry] = {}  # of the last module: they follow its own parameters
        for path, item in [("", self), *walk(self, every_path=True)]:
            if isinstance(item, Module):
                add(entries, buffers)
                prefix = f"{path}." if path else ""
                optional.update(prefix + name for name in item.optional_state)
                buffers = {
                    prefix + name: Entry(item, name)
                    for name, persistent in item._buffers.items()
                    if persistent and getattr(item, name) is not None
                }
            else:
                add(entries, {path: Entry(item, "data")})
        add(entries, buffers)
        return entries, optional

    # --- gradients and modes ---

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters (False) or thaw them.

        Raises:
            TypeError: for scalar parameters, which cannot be frozen.
        """
        if any(isinstance(parameter, Value) for parameter in self.parameters()):
            raise TypeError(
                f"{type(self).__name__}.requires_grad_: Values cannot be frozen: leave them out of "
                "the optimiser, or train .to_tensors()"
            )
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None for Tensors, or zeros; 0.0 for Values."""
        for parameter in self.parameters():
            if isinstance(parameter, Value):
                parameter.grad = 0.0
            else:
                none = set_to_none or not parameter.requires_grad
                parameter.grad = None if none else np.zeros_like(parameter.data)

    def train(self, mode: bool = True) -> Self:
        """Put this module and all below it in training mode.

        A class may override it, such as to keep a layer in evaluation mode whatever is asked for.

        Raises:
            ValueError: for a mode that is neither True nor False.
        """
        if not isinstance(mode, (bool, np.bool_)):
            raise ValueError(f"train: mode {mode!r:.60}: give True, or False for evaluation mode")
        stack: list[Module] = [self]
        known = {id(self)}  # a module may hold one that holds it
        while stack:
            module = stack.pop()
            module.training = bool(mode)
            for child in module.children()[::-1]:
                if id(child) in known:
                    continue
                known.add(id(child))
                if type(child).train is Module.train:
                    stack.append(child)
                else:  # which sees to all below it
                    child.train(mode)
        return self

    def eval(self) -> Self:
        """Put this module and all below it in evaluation mode."""
        return self.train(False)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int | None:
        """How many multiplications with an addition one call takes, without the modules below.

        For `summary`; layers that multiply by matrices define it. None says that it is not
        known: so it is of a module with matrices of its own that does not define it.
        """
        del inputs, output
        own = [x for _, x in attributes(self) if isinstance(x, Parameter)]
        matrices = [x for x in own if x.ndim > 1]
        return None if matrices else 0

    def extra_repr(self) -> str:
        """What the repr shows between the parentheses; subclasses define it."""
        return ""

    @recursive_repr()
    def __repr__(self) -> str:
        lines = []
        for name, child in attributes(self):
            if isinstance(child, Module):
                lines.append(f"({name}): " + repr(child).replace("\n", "\n  "))
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return "\n  ".join([f"{type(self).__name__}({extra}", *lines]) + "\n)"


def _numeric(name: str, array: np.ndarray) -> np.ndarray:
    """The array, once it can be a buffer."""
    if array.dtype.kind not in "fiubc":
        raise TypeError(f"the buffer {name!r}: an array of dtype {array.dtype} is not numeric")
    return array

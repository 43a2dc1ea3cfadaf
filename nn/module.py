"""Parameter and Module: a model is an object whose attributes hold its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from reprlib import recursive_repr
from typing import Any, Self

import numpy as np

from autograd import Tensor, Value

from .init import generator_or_default


class Parameter(Tensor):
    """A Tensor that a Module trains: `requires_grad` is on, the dtype is that of the data.

    >>> import nn
    >>> nn.Parameter([1.0, 2.0]).requires_grad
    True
    """

    __slots__ = ()

    def __init__(
        self, data: Any, requires_grad: bool = True, dtype: Any = None, label: str = ""
    ) -> None:
        super().__init__(data, requires_grad, dtype, label)


class Module:
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

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward method")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def named_parameters(self) -> list[tuple[str, Any]]:
        """(name, parameter) pairs; the name is the path of attributes, "layers.0.weight"."""
        return [(name, x) for name, x in _walk(self) if not isinstance(x, Module)]

    def parameters(self) -> list[Any]:
        """The parameters, each once, in the order of the attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """(name, module) pairs, this one first with the name ""."""
        return [("", self), *((name, x) for name, x in _walk(self) if isinstance(x, Module))]

    def modules(self) -> list[Module]:
        """This module and all below it."""
        return [module for _, module in self.named_modules()]

    def generators(self) -> list[np.random.Generator]:
        """What random layers draw from: generators among the attributes, and the package's own."""
        found = [x for m in self.modules() for _, x in _attributes(m)]
        own = [x for x in found if isinstance(x, np.random.Generator)]
        return [*own, generator_or_default(None)]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None for Tensors, or zeros; 0.0 for Values."""
        for parameter in self.parameters():
            if isinstance(parameter, Value):
                parameter.grad = 0.0
            else:
                parameter.grad = None if set_to_none else 0 * parameter.data

    def train(self, mode: bool = True) -> Self:
        """Put this module and all below it in training mode."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and all below it in evaluation mode."""
        return self.train(False)

    def extra_repr(self) -> str:
        """What the repr shows between the parentheses; subclasses define it."""
        return ""

    @recursive_repr()
    def __repr__(self) -> str:
        lines = []
        for name, child in _attributes(self):
            if isinstance(child, Module):
                lines.append(f"({name}): " + repr(child).replace("\n", "\n  "))
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return "\n  ".join([f"{type(self).__name__}({extra}", *lines]) + "\n)"


def _attributes(module: Module) -> Iterator[tuple[str, Any]]:
    """The attributes, with the items of lists, tuples and dicts under dotted names."""
    stack = list(reversed(vars(module).items()))
    opened = set()  # a container may hold itself
    while stack:
        name, item = stack.pop()
        if isinstance(item, (list, tuple, dict)):
            if id(item) in opened:
                continue
            opened.add(id(item))
            pairs = item.items() if isinstance(item, dict) else enumerate(item)
            stack.extend([(f"{name}.{k}", v) for k, v in pairs][::-1])
        else:
            yield name, item


def _walk(root: Module) -> Iterator[tuple[str, Any]]:
    """Every parameter and module below `root` with its path, each once, in order."""
    seen = {id(root)}
    stack = [_attributes(root)]
    prefixes = [""]
    while stack:
        for name, item in stack[-1]:
            is_module = isinstance(item, Module)
            leaf = isinstance(item, Parameter) or (
                isinstance(item, Value) and item.operation is None
            )
            if not (is_module or leaf) or id(item) in seen:
                continue
            seen.add(id(item))
            path = prefixes[-1] + name
            yield path, item
            if is_module:
                stack.append(_attributes(item))
                prefixes.append(path + ".")
                break
        else:
            stack.pop()
            prefixes.pop()

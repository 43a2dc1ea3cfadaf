"""Modules that hold others, or parameters, in an order or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, Self

import numpy as np

from .module import Module
from .tree import is_leaf


class _Items(Module, MutableSequence[Any]):
    """What `Sequential` and the lists share: items in an order, each an attribute.

    An item's name is its place, "0", "1", ..., unless it was given one.
    """

    _names: tuple[str, ...] = ()

    def _check(self, what: str, item: Any) -> None:
        """Raise for what cannot be an item."""
        raise NotImplementedError(type(self).__name__)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Module) and name not in self._names:
            self._names = (*self._names, name)  # as in PyTorch, an attribute is an item
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._names = tuple(other for other in self._names if other != name)
        super().__delattr__(name)

    def _empty(self) -> Any:
        """One without items, for a slice."""
        raise NotImplementedError(type(self).__name__)

    def _set(self, items: Iterable[tuple[str, Any]]) -> None:
        """Make these the items: names that are numbers become the places."""
        names: dict[str, Any] = {}
        for i, (name, item) in enumerate(items):
            names[str(i) if name.isdecimal() else name] = item
        for name in self._names:
            delattr(self, name)
        self._names = tuple(names)
        for name, item in names.items():
            setattr(self, name, item)

    def _pairs(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self._names]

    def __len__(self) -> int:
        return len(self._names)

    def _name(self, index: Any) -> str:
        if not isinstance(index, (int, np.integer)):
            raise TypeError(
                f"{type(self).__name__}: an index of type {type(index).__name__}: give an integer"
            )
        if not -len(self) <= index < len(self):
            raise IndexError(f"{type(self).__name__}: index {index} for {len(self)} items")
        return self._names[index]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            part = self._empty()  # of a subclass, nobody knows how to make one
            part._set(self._pairs()[index])
            return part
        return getattr(self, self._name(index))

    def __setitem__(self, index: Any, item: Any) -> None:
        self._check("the item assigned", item)
        setattr(self, self._name(index), item)

    def __delitem__(self, index: Any) -> None:
        pairs = self._pairs()
        if not isinstance(index, slice):
            self._name(index)  # raises for what is no index
        del pairs[index]
        self._set(pairs)

    def insert(self, index: int, module: Any) -> Self:  # type: ignore[override]
        """Put an item before the one at `index`; returns the container."""
        self._check("the item inserted", module)
        pairs = self._pairs()
        pairs.insert(index, ("0", module))
        self._set(pairs)
        return self

    def extend(self, modules: Iterable[Any]) -> Self:  # type: ignore[override]
        """Append all of the modules or none; returns the container, as PyTorch's."""
        fresh = list(modules)
        for module in fresh:
            self._check("an item appended", module)
        self._set([*self._pairs(), *[("0", module) for module in fresh]])
        return self

    def append(self, module: Any) -> Self:  # type: ignore[override]
        """Put an item at the end; returns the container, as PyTorch's."""
        return self.insert(len(self), module)

    def add_module(self, name: str, module: Any) -> None:
        """Put an item with a name at the end, or in the place of the one that has the name."""
        self._check(f"the item {name!r}", module)
        if name not in self._names:
            if name != str(len(self)):
                _check_name(self, name)
            self._names = (*self._names, name)
        setattr(self, name, module)


class Sequential(_Items):
    """Modules, or functions, applied one after the other; a list of them that can be changed.

    Args:
        modules: one by one, or in a dict from names to modules.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> model.append(nn.Linear(3, 1))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    >>> nn.Sequential({"hidden": nn.Linear(2, 3), "out": nn.Tanh()}).hidden
    Linear(in_features=2, out_features=3, bias=True)
    """

    def __init__(self, *modules: Any) -> None:
        named: Iterable[tuple[str, Any]] = [(str(i), module) for i, module in enumerate(modules)]
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            named = modules[0].items()
            for i, name in enumerate(modules[0]):
                _check_name(self, name)
                if name.isdecimal() and name != str(i):
                    raise KeyError(f"Sequential: {name!r} names the module at place {i}")
        for name, module in named:
            self._check(f"argument {name}", module)
        self._set(named)

    def _check(self, what: str, item: Any) -> None:
        if isinstance(item, type) and issubclass(item, Module):
            raise TypeError(
                f"Sequential: {what}, {item.__name__}, is a class: make a module, {item.__name__}()"
            )
        if not callable(item):
            raise TypeError(
                f"Sequential: {what}, {item!r:.60}, cannot be called: give modules or functions, "
                "not in a list"
            )

    def _empty(self) -> Sequential:
        return Sequential()

    def __add__(self, modules: Iterable[Any]) -> Sequential:
        return Sequential(*self, *modules)

    def __mul__(self, times: int) -> Sequential:
        """The same modules, with the same parameters, several times in a row."""
        if not isinstance(times, (int, np.integer)):
            return NotImplemented
        if times < 1:
            raise ValueError(f"Sequential: {times} times: give a positive number")
        return Sequential(*[module for _ in range(times) for module in self])

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self * times)[len(self) :])

    def forward(self, input: Any) -> Any:
        """The last module's output."""
        stages = self.__dict__
        for name in self._names:
            input = stages[name](input)
        return input


class ModuleList(_Items):
    """Modules in a list, found by the walk over parameters as in any list.

    >>> import nn
    >>> layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
    >>> len(layers), layers[-1].named_parameters()[0][0]
    (3, 'weight')
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        self.extend(() if modules is None else modules)

    def _empty(self) -> ModuleList:
        return ModuleList()

    def __add__(self, modules: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *modules])

    def _check(self, what: str, item: Any) -> None:
        if not isinstance(item, Module):
            raise TypeError(f"ModuleList: {what}, {item!r:.60}, is no module")


class ParameterList(_Items):
    """Parameters in a list, under PyTorch's names; a plain list of them does as well.

    >>> import nn
    >>> scales = nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0])])
    >>> [name for name, _ in scales.named_parameters()]
    ['0', '1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(() if values is None else values)

    def _empty(self) -> ParameterList:
        return ParameterList()

    def __add__(self, values: Iterable[Any]) -> ParameterList:
        return ParameterList([*self, *values])

    def _check(self, what: str, item: Any) -> None:
        if not is_leaf(item):
            raise TypeError(
                f"ParameterList: {what}, {item!r:.60}, is no parameter: give nn.Parameter(...)"
            )

    def extra_repr(self) -> str:
        return ", ".join([f"{name}: {np.shape(item.data)}" for name, item in self._pairs()])


class _Named(Module, MutableMapping[str, Any]):
    """What `ModuleDict` and `ParameterDict` share: items by name, each an attribute."""

    _names: tuple[str, ...] = ()
    # As of any module: those of mappings would compare the arrays.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def _check(self, name: str, item: Any) -> None:
        """Raise for what cannot be an item."""
        raise NotImplementedError(type(self).__name__)

    def __getitem__(self, key: str) -> Any:
        if key not in self._names:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._check(key, value)
        if key not in self._names:
            _check_name(self, key)
            self._names = (*self._names, key)
        setattr(self, key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self._names:
            raise KeyError(key)
        self._names = tuple(name for name in self._names if name != key)
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


class ModuleDict(_Named):
    """Modules by name.

    >>> import nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(2, 1), "spread": nn.Linear(2, 1)})
    >>> list(heads), [name for name, _ in heads["mean"].named_parameters()]
    (['mean', 'spread'], ['weight', 'bias'])
    """

    def __init__(
        self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None
    ) -> None:
        self.update(() if modules is None else modules)

    def _check(self, name: str, item: Any) -> None:
        if not isinstance(item, Module):
            raise TypeError(f"ModuleDict: {item!r:.60} for {name!r} is no module")

    def add_module(self, name: str, module: Any) -> None:
        """The same as an assignment to the item `name`."""
        self[name] = module


class ParameterDict(_Named):
    """Parameters by name; a plain dict of them does as well.

    >>> import nn
    >>> scales = nn.ParameterDict({"left": nn.Parameter([1.0])})
    >>> scales["right"] = nn.Parameter([2.0])
    >>> [name for name, _ in scales.named_parameters()]
    ['left', 'right']
    """

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None):
        self.update(() if parameters is None else parameters)

    def _check(self, name: str, item: Any) -> None:
        if not is_leaf(item):
            raise TypeError(
                f"ParameterDict: {item!r:.60} for {name!r} is no parameter: give nn.Parameter(...)"
            )

    def extra_repr(self) -> str:
        return ", ".join([f"{name}: {np.shape(item.data)}" for name, item in self.items()])


def _check_name(module: Module, name: Any) -> None:
    """Raise for a name that a module's attribute cannot have."""
    if not isinstance(name, str) or not name or "." in name or hasattr(module, name):
        raise KeyError(
            f"{type(module).__name__}: {name!r} cannot name a module: give a text without dots "
            "that is no attribute already"
        )

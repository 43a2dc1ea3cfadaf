"""The parameters and modules below a module, by the paths of attributes that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from autograd import Value

from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module


class Parameters(list[Any]):
    """A list that `next` takes from as well: `next(model.parameters())` is a habit of PyTorch's."""

    def __next__(self) -> Any:
        if not hasattr(self, "_rest"):
            self._rest = iter(self)
        return next(self._rest)


class Tree:
    """What a module holds: found by walking its attributes, or put there by name."""

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> list[tuple[str, Any]]:
        """(name, parameter) pairs; the name is the path of attributes, "layers.0.weight".

        Args:
            prefix: of the names.
            recurse: whether to go on in the modules below.
            remove_duplicate: whether a parameter reached twice counts once.
        """
        walked = walk(self, every_path=not remove_duplicate, recurse=recurse)
        return [(_path(prefix, name), x) for name, x in walked if not isinstance(x, Tree)]

    def parameters(self, recurse: bool = True) -> Parameters:
        """The parameters, each once: a module's own in the order of its attributes, then others."""
        return Parameters(parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_modules(
        self, *, prefix: str = "", remove_duplicate: bool = True
    ) -> list[tuple[str, Module]]:
        """(name, module) pairs, this one first with the name ""; see `named_parameters`."""
        walked = [("", self), *walk(self, every_path=not remove_duplicate)]
        return [(_path(prefix, name), x) for name, x in walked if isinstance(x, Tree)]  # type: ignore[misc]

    def modules(self) -> list[Module]:
        """This module and all below it."""
        return [module for _, module in self.named_modules()]

    def named_children(self) -> list[tuple[str, Module]]:
        """(name, module) pairs of the modules that are attributes, or in a list or dict that is."""
        found: dict[int, tuple[str, Any]] = {}
        for name, x in attributes(self):
            if isinstance(x, Tree):
                found.setdefault(id(x), (name, x))
        return list(found.values())

    def children(self) -> list[Module]:
        """The modules that are attributes of this one, or in a list, tuple or dict that is."""
        return [module for _, module in self.named_children()]

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every module below this one and on this one, innermost first."""
        order: list[Any] = []
        stack: list[Any] = [self]
        seen = set()
        while stack:
            module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                order.append(module)
                stack += module.children()
        for module in reversed(order):
            fn(module)
        return self

    # --- by name ---

    def get_submodule(self, target: str) -> Module:
        """The module at the path `target`, such as "layers.0"; this one at "".

        Raises:
            AttributeError: for a path to none.

        >>> import nn
        >>> nn.Sequential(nn.Linear(1, 2), nn.ReLU()).get_submodule("1")
        ReLU()
        """
        found: Module = self._at(
            "get_submodule", target, self.named_modules(remove_duplicate=False)
        )
        return found

    def get_parameter(self, target: str) -> Any:
        """The parameter at the path `target`, such as "layers.0.weight".

        Raises:
            AttributeError: for a path to none.
        """
        return self._at("get_parameter", target, self.named_parameters(remove_duplicate=False))

    def _at(self, what: str, target: str, pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        if target not in found:
            raise AttributeError(
                f"{what}: {type(self).__name__} has none at {target!r}: there are "
                f"{', '.join(map(repr, found))}"
            )
        return found[target]

    def add_module(self, name: str, module: Module | None) -> None:
        """Make the attribute `name` a module; None leaves it empty.

        Raises:
            ValueError: for a name that is no name of an attribute, or is taken; TypeError: for
                what is no module.

        >>> import nn
        >>> model = nn.Identity()
        >>> model.add_module("head", nn.Linear(2, 1))
        >>> model.head
        Linear(in_features=2, out_features=1, bias=True)
        """
        if not (module is None or isinstance(module, Tree)):
            raise TypeError(f"add_module: {module!r:.60} for {name!r} is no module")
        check_free("add_module", self, name, Tree)
        setattr(self, name, module)

    def register_parameter(self, name: str, param: Any) -> None:
        """Make the attribute `name` a parameter; None leaves it empty.

        Raises:
            ValueError: for a name that is no name of an attribute, or is taken; TypeError: for
                what is no parameter.

        >>> import nn
        >>> module = nn.Identity()
        >>> module.register_parameter("scale", nn.Parameter([1.0]))
        >>> [name for name, _ in module.named_parameters()]
        ['scale']
        """
        if not (param is None or is_leaf(param)):
            raise TypeError(
                f"register_parameter: {param!r:.60} for {name!r} is no parameter: give "
                "nn.Parameter(...)"
            )
        check_free("register_parameter", self, name, Parameter)
        setattr(self, name, param)


def check_free(what: str, module: Tree, name: Any, *kinds: type) -> None:
    """Raise for a name that no attribute can have, or one has that is neither None nor of these."""
    usable = isinstance(name, str) and name != "" and "." not in name
    if usable and hasattr(module, name):
        current = getattr(module, name)
        usable = bool(kinds) and (current is None or isinstance(current, kinds))
    if not usable:
        raise ValueError(
            f"{what}: {name!r} is no name of an attribute, or is taken: choose another"
        )


# --- the walk ---------------------------------------------------------------------------


def attributes(module: Tree) -> Iterator[tuple[str, Any]]:
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


def is_leaf(item: Any) -> bool:
    """Whether this is a parameter."""
    return isinstance(item, Parameter) or (isinstance(item, Value) and item.operation is None)


def walk(root: Tree, every_path: bool = False, recurse: bool = True) -> Iterator[tuple[str, Any]]:
    """Every parameter and module below `root` with its path, a module's own parameters first.

    Each once, under the first of its paths; or under all of them, where only a module inside
    itself is left out. Without `recurse` the modules below are not entered.
    """
    seen = {id(root)}
    stack = [(root, _parameters_first(root), "")]
    while stack:
        module, items, prefix = stack[-1]
        for name, item in items:
            if id(item) in seen:
                continue
            is_module = isinstance(item, Tree)
            if is_module or not every_path:
                seen.add(id(item))
            yield prefix + name, item
            if is_module and recurse:
                stack.append((item, _parameters_first(item), f"{prefix}{name}."))
                break
        else:
            stack.pop()
            if every_path:
                seen.discard(id(module))


def _parameters_first(module: Tree) -> Iterator[tuple[str, Any]]:
    """The attributes that are parameters, then those that are modules: PyTorch's order."""
    found = list(attributes(module))
    yield from [(name, x) for name, x in found if is_leaf(x)]
    yield from [(name, x) for name, x in found if isinstance(x, Tree)]


def _path(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name

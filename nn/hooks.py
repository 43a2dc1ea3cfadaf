"""Functions that are called before or after a module's `forward`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

_numbers = count()


@dataclass(frozen=True)
class _Hook:
    function: Callable[..., Any]
    before: bool
    with_kwargs: bool


class RemovableHandle:
    """What registers a hook returns it: `remove()` takes the hook back, as leaving `with` does."""

    def __init__(self, hooks: dict[int, _Hook], key: int) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """Take the hook back; a second call does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Hooks:
    """Hooks of a module; where there are none, a call of it costs nothing more."""

    _hooks: dict[int, _Hook] | None = None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation."""
        raise NotImplementedError

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before each `forward`.

        Args:
            hook: what it returns, unless None, takes the place of the arguments: a tuple of them,
                or one.
            prepend: whether it comes before the hooks that are there.
            with_kwargs: whether it is called as `hook(module, args, kwargs)`, to return None or
                the pair of both.

        >>> import nn
        >>> layer = nn.Identity()
        >>> with layer.register_forward_pre_hook(lambda module, args: 2 * args[0]):
        ...     print(layer(3))
        6
        """
        return self._register(_Hook(hook, True, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after each `forward`.

        Args:
            hook: what it returns, unless None, takes the place of the output.
            prepend: whether it comes before the hooks that are there.
            with_kwargs: whether it is called as `hook(module, args, kwargs, output)`.

        >>> import nn
        >>> layer = nn.Identity()
        >>> handle = layer.register_forward_hook(lambda module, args, output: print(output))
        >>> layer(3)
        3
        3
        >>> handle.remove()
        >>> layer(3)
        3
        """
        return self._register(_Hook(hook, False, with_kwargs), prepend)

    def _register(self, hook: _Hook, prepend: bool) -> RemovableHandle:
        if not callable(hook.function):
            raise TypeError(f"{type(self).__name__}: the hook {hook.function!r:.60} is no function")
        if self._hooks is None:
            self._hooks = {}
        key = next(n for n in _numbers if n not in self._hooks)  # a pickle brings its own
        others = dict(self._hooks)
        if prepend:
            self._hooks.clear()
        self._hooks[key] = hook
        self._hooks.update(others)  # those that are there keep their place
        return RemovableHandle(self._hooks, key)

    def _hooked_forward(self, *args: Any, **kwargs: Any) -> Any:
        hooks = list((self._hooks or {}).values())
        for hook in hooks:
            if hook.before:
                args, kwargs = self._changed(hook, args, kwargs)
        output = self.forward(*args, **kwargs)
        for hook in hooks:
            if not hook.before:
                given = (args, kwargs, output) if hook.with_kwargs else (args, output)
                result = hook.function(self, *given)
                output = output if result is None else result
        return output

    def _changed(
        self, hook: _Hook, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments after a hook that comes before."""
        if not hook.with_kwargs:
            result = hook.function(self, args)
            if result is None:
                return args, kwargs
            return (result if isinstance(result, tuple) else (result,)), kwargs
        result = hook.function(self, args, kwargs)
        if result is None:
            return args, kwargs
        if not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(
                f"{type(self).__name__}: a hook with_kwargs returned {type(result).__name__}: "
                "return None or the pair (args, kwargs)"
            )
        return result

"""Recording on and off, and the debugging mode: one setting for each thread."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Mode(threading.local):
    """What this thread records: nothing, or operations; `watching`, in debugging mode."""

    recording = True
    watching = False
    walking = ""  # "backward" or "forward" in a pass along a graph that is watched
    observer: Any = None  # what a picture that is being made wants to be told
    transforms = 0  # how many functions under differentiation this thread is inside of
    # By any thread, ever and now: what keeps the mode free where nobody uses it.
    ever_watched = False
    watchers = 0

    def __init__(self) -> None:
        self.sources: dict[int, str] = {}  # of the nodes recorded while watching, the lines


mode = Mode()
_counting = threading.Lock()


def _count_watchers(step: int) -> None:
    with _counting:
        Mode.watchers += step


@contextmanager
def watched() -> Iterator[None]:
    """The engine looks inside whether this thread's `mode` wants to be told something."""
    _count_watchers(1)
    try:
        yield
    finally:
        _count_watchers(-1)


class _Switch:
    """A context manager and decorator that sets one switch of `mode` for this thread."""

    _switch: str
    _setting: bool

    def __new__(cls, function: Any = None) -> Any:
        """`@no_grad` decorates like `@no_grad()`."""
        return super().__new__(cls) if function is None else cls()(function)

    def __init__(self, function: None = None) -> None:
        self._outer: dict[int, list[bool]] = {}  # by thread, innermost last

    def __enter__(self) -> None:
        self._outer.setdefault(threading.get_ident(), []).append(getattr(mode, self._switch))
        setattr(mode, self._switch, self._setting)
        Mode.ever_watched = Mode.ever_watched or mode.watching

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        setattr(mode, self._switch, self._outer[threading.get_ident()].pop())

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        name = type(self).__name__
        if (
            inspect.isgeneratorfunction(function)
            or inspect.iscoroutinefunction(function)
            or inspect.isasyncgenfunction(function)
        ):
            raise TypeError(
                f"{name}() cannot decorate the generator or coroutine {function.__name__!r}, whose "
                f"body runs after the call: write `with {name}():` inside it"
            )

        @functools.wraps(function)
        def switched(*args: P.args, **kwargs: P.kwargs) -> R:
            with type(self)():
                return function(*args, **kwargs)

        return switched


class no_grad(_Switch):  # noqa: N801  (the field's name for it, as in PyTorch)
    """Record nothing in this thread while the block, or the decorated function, runs.

    Restored also when an exception leaves the block; other threads are not touched.

    >>> from autograd import Tensor, no_grad
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = w * 3
    >>> y.requires_grad
    False
    """

    _switch, _setting = "recording", False


class enable_grad(_Switch):  # noqa: N801
    """Record again inside a `no_grad` block.

    >>> from autograd import Tensor, enable_grad, no_grad
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     y = w * 3
    >>> y.requires_grad
    True
    """

    _switch, _setting = "recording", True


class detect_anomaly(_Switch):  # noqa: N801
    """Debugging mode: the first nan or inf is an error that says where, and so is a changed array.

    Inside, an operation whose result has a nan or inf that its operands have not, and a derivative
    rule that makes one, in either mode, raise `FloatingPointError` naming the operation, its
    shapes and the line of the program it was recorded at.

    Operations recorded inside also keep a copy of what their rules need. A backward pass over them
    then notices when an array was written to behind the graph's back (for instance through the
    array that `t.data` handed out) and raises `RuntimeError` naming the operation. Costs memory
    and time; free when off.

    >>> from autograd import Tensor, detect_anomaly
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with detect_anomaly():
    ...     y = (w * w).sum()
    >>> w.data[0] = 5.0
    >>> y.backward()
    Traceback (most recent call last):
        ...
    RuntimeError: multiply: an array of shape (2,) it needs was written to after it was \
recorded; write to a copy, or assign a new array to .data
    """

    _switch, _setting = "watching", True

    def __enter__(self) -> None:
        if not mode.watching:
            mode.sources = {}
        super().__enter__()
        _count_watchers(1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        _count_watchers(-1)
        if not mode.watching:
            mode.sources = {}

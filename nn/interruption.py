"""Ctrl-C as a request: asked once, the training ends after the batch it is in."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Self


class Interruption:
    """Within the block, Ctrl-C sets `asked`; a second one raises KeyboardInterrupt.

    Elsewhere than in the main thread, which alone is told of Ctrl-C, it does nothing.
    """

    def __init__(self) -> None:
        self.asked = False
        self.insisted = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            # A handler of somebody else's, or none, is left as it is.
            if self._before is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self.insisted = True
            raise KeyboardInterrupt
        self.asked = True

    def __exit__(self, *error: object) -> None:
        if self._before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._before)

"""The libraries chainrule is compared with; each of them may be missing."""

import importlib
import importlib.util
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

NAMES = ("torch", "jax", "mygrad", "micrograd")


def installed(name: str | None) -> bool:
    """Say whether a peer can be imported; None stands for what needs no peer."""
    return name is None or importlib.util.find_spec(name) is not None


def load(name: str) -> Any:
    """Import a peer, or one of its modules; only the benchmarks that use it pay for it."""
    return importlib.import_module(name)


def describe() -> str:
    """Tell which interpreter, machine and versions the figures belong to."""
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    machine += f", {os.cpu_count()} CPUs"
    if hasattr(os, "getloadavg"):
        # Whatever else runs takes threads away from the larger matrix products.
        machine += f", load average {os.getloadavg()[0]:.1f} (0 on an idle machine)"
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", *NAMES))
    return f"{machine}\n{versions}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

"""PyTorch's argument names, order and defaults, for every name that both packages have.

What is given by position must not mean anything else than in PyTorch. Arguments that PyTorch has
and we have not raise Python's TypeError, which names them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import nn

torch: Any = pytest.importorskip("torch", reason="PyTorch is the oracle; it is in the bench extra")

PAIRS = [
    (nn, torch.nn),
    (nn.functional, torch.nn.functional),
    (nn.init, torch.nn.init),
    (nn.optim, torch.optim),
    (nn.optim.lr_scheduler, torch.optim.lr_scheduler),
    (nn.utils, torch.nn.utils),
    (nn.data, torch.utils.data),
    (nn.Module, torch.nn.Module),
    (nn.ModuleList, torch.nn.ModuleList),
    (nn.ModuleDict, torch.nn.ModuleDict),
    (nn.Sequential, torch.nn.Sequential),
    (nn.optim.Optimizer, torch.optim.Optimizer),
    (nn.optim.lr_scheduler.LRScheduler, torch.optim.lr_scheduler.LRScheduler),
]
OURS = {
    # Every layer and function that draws takes a generator, every layer a dtype.
    "generator", "dtype",
    # `initialisers` that make an array, where PyTorch's deprecated ones fill a tensor.
    "shape", "bound",
    "label",
}  # fmt: skip
"""Arguments of our own, which go by name only."""
EXCEPTIONS = {
    "functional.avg_pool1d",  # ours has a divisor_override, as those of two and three axes
    "init.normal", "init.uniform", "init.xavier_uniform", "init.xavier_normal",
    "init.kaiming_uniform", "init.kaiming_normal", "init.orthogonal",  # deprecated in PyTorch
    "Parameter",  # PyTorch's has no dtype or label
    "ModuleDict.pop", "ModuleDict.get", "ModuleDict.update", "ModuleDict.setdefault",  # a dict's
    "ModuleList.pop", "Sequential.pop", "Sequential.extend",  # a list's
    "Module.forward", "ModuleList.forward", "ModuleDict.forward", "Sequential.forward",
    "Module.state_dict", "ModuleList.state_dict", "ModuleDict.state_dict", "Sequential.state_dict",
}  # fmt: skip
UNLIKE = {
    "dim": "PyTorch warns where softmax is not told the axis, and takes one by the shape",
    "dtype": "that of PyTorch's layers is None for a default that can be set",
    "shuffle": "PyTorch's DataLoader has None for False",
    **dict.fromkeys(OURS, "ours alone"),
}
"""Arguments with another default."""
UNSET = object()


def arguments(thing: Any) -> Iterator[tuple[str, Any, bool]]:
    """(name, default, whether it goes by position) of PyTorch's or our function or class."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:  # written in C: the signature is the first line of the docstring
        start = thing.__doc__.strip().split(") ->")[0].partition("(")[2].replace("\n", " ")
        by_position = True
        for text in start.split(","):
            name, _, default = text.replace(" ", "").partition("=")
            by_position &= name != "*"
            if name != "*":
                yield name, eval(default) if default else UNSET, by_position
        return
    for p in parameters:
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            default = UNSET if p.default is p.empty else p.default
            yield p.name, default, p.kind is not p.KEYWORD_ONLY


def cases() -> Iterator[Any]:
    for ours, theirs in PAIRS:
        where = ours.__name__.removeprefix("nn").lstrip(".")
        for name in dir(ours):
            twin = getattr(theirs, name, None)
            path = f"{where}.{name}".lstrip(".")
            if name.startswith("_") or not callable(twin) or path in EXCEPTIONS:
                continue
            if {argument for argument, _, _ in arguments(twin)} - {"self"}:  # not *args alone
                yield pytest.param(getattr(ours, name), twin, id=path)


@pytest.mark.parametrize(("ours", "theirs"), list(cases()))
def test_arguments(ours: Any, theirs: Any) -> None:
    names = list(arguments(theirs))
    order = [name for name, _, by_position in names if by_position]
    defaults = {name: default for name, default, _ in names}
    for i, (name, default, by_position) in enumerate(arguments(ours)):
        assert name in defaults or (name in OURS and not by_position)
        if by_position:
            assert order[i] == name
        same = defaults.get(name) == default or (callable(default) and callable(defaults[name]))
        assert same or name in UNLIKE

"""One small elementwise operation on recorded arrays: the fixed cost of recording it."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import autograd
from benchmarks import peers
from benchmarks.harness import Contestant, Step, check_agreement
from benchmarks.report import Goal, compare

ROUNDS = 30
BLOCK = 10_000

A, B = np.array([0.5, -1.0, 2.0]), np.array([1.5, 0.25, -3.0])
# Operands, and what has to come out: the value and the gradient of each operand.
OPERATIONS: dict[str, tuple[Sequence[Any], Sequence[ArrayLike]]] = {
    "multiply": ((A, B), (A * B, B, A)),
    "exp": ((A,), (np.exp(A), np.exp(A))),
}

NUMPY, OURS, TORCH, MYGRAD = "NumPy alone", "chainrule", "PyTorch", "MyGrad"
GOAL = Goal(f"{OURS} at most the time of {TORCH}", OURS, TORCH, at_most=1.0)

Library = tuple[Callable[..., Any], Callable[..., Any]]  # makes a recorded array; exp


def _numpy() -> Library:
    return np.array, np.exp


def _ours() -> Library:
    return partial(autograd.Tensor, requires_grad=True), autograd.exp


def _torch() -> Library:
    torch = peers.load("torch")
    return partial(torch.tensor, requires_grad=True), torch.exp


def _mygrad() -> Library:
    mygrad = peers.load("mygrad")
    return mygrad.tensor, mygrad.exp


LIBRARIES: dict[str, tuple[str | None, Callable[[], Library]]] = {
    NUMPY: (None, _numpy),
    OURS: (None, _ours),
    TORCH: ("torch", _torch),
    MYGRAD: ("mygrad", _mygrad),
}


def run(rounds: int) -> None:
    """Check and time a product of two recorded arrays, and exp of one."""
    for operation in OPERATIONS:
        title = f"small {operation}: {A.size} recorded {A.dtype} elements"
        _check(title, operation)
        contestants = [_contestant(name, operation) for name in LIBRARIES]
        compare(title, contestants, NUMPY, [GOAL], rounds)


def _prepare(name: str, operation: str) -> tuple[Callable[..., Any], list[Any]]:
    """Return a library's function and its recorded operands."""
    array, exp = LIBRARIES[name][1]()
    operands, _ = OPERATIONS[operation]
    return mul if operation == "multiply" else exp, [array(operand) for operand in operands]


def _contestant(name: str, operation: str) -> Contestant:
    def start() -> Step:
        function, operands = _prepare(name, operation)
        return partial(function, *operands)

    return Contestant(name, start, BLOCK, BLOCK // 10, peer=LIBRARIES[name][0])


def _check(title: str, operation: str) -> None:
    results: dict[str, Sequence[ArrayLike]] = {"calculus": OPERATIONS[operation][1]}
    for name, (peer, _) in LIBRARIES.items():
        if name != NUMPY and peers.installed(peer):
            function, operands = _prepare(name, operation)
            result = function(*operands)
            result.sum().backward()
            results[name] = [result.data, *(operand.grad for operand in operands)]
    check_agreement(f"{title}: value and gradients", results, tolerance=1e-12)

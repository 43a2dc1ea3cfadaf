"""A layer of a recurrent network over a whole sequence as one operation.

All it depends on goes in as one flat array, so that one backward pass through time gives the
gradients of all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd import Tensor, concatenate, matmul, operation, relu, sigmoid, stack, tanh

from .fused import made_again, pulled_back, records
from .through_time import BACK, FORWARD, Plan

_plan = lru_cache(maxsize=64)(Plan)


def _composed(flat: Any, plan: Plan) -> Any:
    """The same with recorded operations, step by step."""
    part, n = plan.parts(flat), plan.hidden
    h, c = part["h"], part.get("c")
    b_ih, b_hh = part.get("b_ih", 0.0), part.get("b_hh", 0.0)
    states = []
    for t in range(plan.steps):
        by_input = matmul(part["x"][t], part["w_ih"].T) + b_ih
        by_state = matmul(h, part["w_hh"].T) + b_hh
        if plan.kind == "GRU":
            rz = sigmoid(by_input[:, : 2 * n] + by_state[:, : 2 * n])
            new = tanh(by_input[:, 2 * n :] + rz[:, :n] * by_state[:, 2 * n :])
            h = new + rz[:, n:] * (h - new)
        elif plan.kind == "LSTM":
            gates = by_input + by_state
            i, f, o = (sigmoid(gates[:, k * n : (k + 1) * n]) for k in (0, 1, 3))
            c = f * c + i * tanh(gates[:, 2 * n : 3 * n])
            h = o * tanh(c)
        else:
            h = (tanh if plan.kind == "RNN_TANH" else relu)(by_input + by_state)
        states.append(h)
    return stack(states if c is None else [*states, c])


def _through_time(g: Any, x: Any, out: Any, kept: Any, plan: Plan) -> Any:
    if records(g, x):
        return pulled_back(lambda flat: _composed(flat, plan), x, g)
    grad = np.empty_like(x)
    with np.errstate():  # restores the size of the buffers
        # NumPy copies what lies in runs shorter than its buffers, which costs more than it saves.
        np.setbufsize(1024)
        BACK[plan.kind](g, plan.parts(x), out, kept, plan, plan.parts(grad))
    return grad


@operation(_through_time, name="recurrent", kept={"kept": made_again})
def _recurrent(x: Any, /, plan: Plan) -> Any:
    with np.errstate(over="ignore"):
        return FORWARD[plan.kind](plan.parts(x), plan)


def recurrent(kind: str, x: Any, state: tuple[Any, ...], weights: tuple[Any, ...]) -> Any:
    """One layer in one direction over a whole sequence.

    Args:
        kind: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        x: the sequence, shape (steps, batch, inputs).
        state: the state before, shape (batch, hidden); for LSTM that and the cell.
        weights: weight_ih, weight_hh and, if any, bias_ih and bias_hh, as PyTorch's.

    Returns:
        The states, shape (steps, batch, hidden); for LSTM with the last cell as one more.
    """
    steps, batch, inputs = x.shape
    wanted = isinstance(x, Tensor) and x.requires_grad
    plan = _plan(kind, steps, batch, inputs, weights[1].shape[1], len(weights) > 2, wanted)
    return _recurrent(concatenate((x, *state, *weights), axis=None), plan)

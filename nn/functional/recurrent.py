"""A layer of a recurrent network over a whole sequence as one operation.

All it depends on goes in as one flat array, so that one backward pass through time gives the
gradients of all. Formulas: Hochreiter & Schmidhuber (1997) and Gers et al. (2000) for LSTM, Cho et
al. (2014, arXiv:1406.1078) for GRU with the reset gate behind the product, as PyTorch has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor, concatenate, matmul, operation, relu, sigmoid, stack, tanh

from .fused import made_again, pulled_back, records

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


@dataclass(frozen=True)
class Plan:
    """What the flat array holds.

    Attributes:
        kind: a key of `GATES`.
        steps, batch, inputs, hidden: the lengths.
        bias: whether there are biases.
        input_gradient: whether the gradient of the sequence is wanted.
    """

    kind: str
    steps: int
    batch: int
    inputs: int
    hidden: int
    bias: bool
    input_gradient: bool

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The parts in their order."""
        rows = GATES[self.kind] * self.hidden
        yield "x", (self.steps, self.batch, self.inputs)
        yield "h", (self.batch, self.hidden)
        if self.kind == "LSTM":
            yield "c", (self.batch, self.hidden)
        yield "w_ih", (rows, self.inputs)
        yield "w_hh", (rows, self.hidden)
        if self.bias:
            yield "b_ih", (rows,)
            yield "b_hh", (rows,)

    def parts(self, flat: Any) -> dict[str, Any]:
        """Views of the parts of the flat array or Tensor."""
        found = {}
        start = 0
        for name, shape in self.shapes():
            stop = start + math.prod(shape)
            found[name] = flat[start:stop].reshape(shape)
            start = stop
        return found


def _logistic(x: np.ndarray, one: np.ndarray) -> None:
    """`x` becomes 1 / (1 + exp(x)); where exp overflows that is 0, as it should be.

    An array that holds 1 costs NumPy less than the number, and dividing less than reciprocal.
    """
    np.exp(x, x)
    np.add(x, one, x)
    np.divide(one, x, x)


def _by_gate(weight: np.ndarray, plan: Plan) -> np.ndarray:
    """A weight as one matrix for each gate, inputs by hidden, in memory of its own.

    All but the last gate are logistic, LSTM's i, f, g, o in the order o, i, f, g; these have
    their sign turned, once for all steps.
    """
    gates = weight.reshape(GATES[plan.kind], plan.hidden, -1)
    if plan.kind == "LSTM":
        gates = np.roll(gates, 1, axis=0)
    gates = gates.swapaxes(1, 2).copy()
    np.negative(gates[:-1], out=gates[:-1])
    return gates


def _projected(part: dict[str, Any], plan: Plan) -> np.ndarray:
    """The part of all gates that does not depend on the state: (steps, gates, batch, hidden).

    In this order what is done in one step lies together in memory.
    """
    x, weight = part["x"], part["w_ih"]
    if plan.bias:  # the weight of one more input, which is 1
        # The bias of the state's side goes along, except where GRU multiplies it.
        recurrent = part["b_hh"].copy()
        if plan.kind == "GRU":
            recurrent[2 * plan.hidden :] = 0
        x = np.concatenate([x, np.ones((plan.steps, plan.batch, 1), x.dtype)], axis=2)
        weight = np.concatenate([weight, (part["b_ih"] + recurrent)[:, None]], axis=1)
    gates: np.ndarray = np.matmul(x[:, None], _by_gate(weight, plan))
    return gates


def _shared(
    part: dict[str, Any], grad: dict[str, Any], plan: Plan, d: np.ndarray, by_state: np.ndarray,
    before: np.ndarray,
) -> None:  # fmt: skip
    """The gradients of weights and sequence from those of the gates.

    Args:
        part, grad: the parts, and where their gradients go.
        plan: the plan.
        d: gradients of the gates before their activation, by the input's side.
        by_state: the same by the state's side.
        before: the state before each step.
    """
    count = plan.steps * plan.batch
    shape = GATES[plan.kind], count, plan.hidden
    rows, state_rows = d.reshape(shape), by_state.reshape(shape)
    inputs = part["x"].reshape(count, plan.inputs)
    if plan.input_gradient:
        shares = np.matmul(rows, part["w_ih"].reshape(-1, plan.hidden, plan.inputs))
        np.add.reduce(shares, axis=0, out=grad["x"].reshape(count, plan.inputs))
    else:
        grad["x"][...] = 0
    states = before.reshape(count, plan.hidden)
    np.matmul(rows.swapaxes(1, 2), inputs, out=grad["w_ih"].reshape(-1, plan.hidden, plan.inputs))
    np.matmul(
        state_rows.swapaxes(1, 2), states, out=grad["w_hh"].reshape(-1, plan.hidden, plan.hidden)
    )
    if plan.bias:
        ones = np.ones(count, d.dtype)  # sums at BLAS's speed
        grad["b_ih"][...] = total = np.matmul(ones, rows).ravel()
        grad["b_hh"][...] = total if d is by_state else np.matmul(ones, state_rows).ravel()


def _before(part: dict[str, Any], out: np.ndarray, plan: Plan) -> np.ndarray:
    """The state before each step."""
    return np.concatenate([part["h"][None], out[: plan.steps - 1]])


# --- each kind forward: the states, and what the way back needs -------------------------


def _lstm(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    gates = _projected(part, plan)
    cells = np.empty((plan.steps + 1, plan.batch, plan.hidden), gates.dtype)
    bent = np.empty_like(cells[1:])  # tanh of the cells
    out = np.empty_like(cells)  # the states, and after them the last cell
    c, h, w = part["c"], part["h"], _by_gate(part["w_hh"], plan)
    side, share = np.empty_like(gates[0]), np.empty_like(h)
    one = np.ones((), gates.dtype)
    cells[0] = c
    # The results' places are the last arguments: by keyword they take NumPy a tenth longer.
    for gate, cell, bent_cell, state in zip(gates, cells[1:], bent, out[:-1], strict=True):
        np.matmul(h, w, side)
        np.add(gate, side, gate)
        _logistic(gate[:3], one)
        o, i, f, new = gate
        np.tanh(new, new)
        np.multiply(f, c, cell)
        np.multiply(i, new, share)
        c = np.add(cell, share, cell)
        np.tanh(c, bent_cell)
        h = np.multiply(o, bent_cell, state)
    out[-1] = c
    return out, (gates, cells, bent)


def _lstm_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    gates, cells, bent = kept
    o, i, f, new = gates.swapaxes(0, 1)
    # Each gate's gradient is that of its cell, for o of the state, times what it multiplies and
    # the slope of its activation: all but the first factor at once for all steps.
    d = np.empty((4, plan.steps, plan.batch, plan.hidden), gates.dtype)
    by_i, by_f, by_new, by_o = d
    np.multiply(i, new, out=by_new)
    np.subtract(1, i, out=by_i)
    by_i *= by_new  # i (1 - i) new
    by_new *= new
    np.subtract(i, by_new, out=by_new)  # i (1 - new^2)
    np.subtract(1, f, out=by_f)
    by_f *= f
    by_f *= cells[:-1]  # f (1 - f) times the cell before
    np.subtract(1, o, out=by_o)
    by_o *= out[:-1]  # o (1 - o) tanh(cell)
    by_cell = np.multiply(out[:-1], bent)
    np.subtract(o, by_cell, out=by_cell)  # o (1 - tanh(cell)^2)
    w = part["w_hh"].reshape(4, plan.hidden, plan.hidden)
    steps, through_cell = d.swapaxes(0, 1), d[:3].swapaxes(0, 1)
    dh, dc = np.zeros_like(part["h"]), g[-1].copy()
    side, share = np.empty_like(gates[0]), np.empty_like(dh)
    add_up = np.add.reduce
    backwards = (x[::-1] for x in (g[:-1], by_cell, by_o, through_cell, f, steps))
    for g_t, by_c, by_output, by_others, f_t, step in zip(*backwards, strict=True):
        np.add(dh, g_t, dh)
        np.multiply(dh, by_c, share)
        np.add(dc, share, dc)
        np.multiply(by_output, dh, by_output)
        np.multiply(by_others, dc, by_others)
        np.multiply(dc, f_t, dc)
        np.matmul(step, w, side)
        add_up(side, 0, None, dh)
    grad["h"][...], grad["c"][...] = dh, dc
    _shared(part, grad, plan, d, d, _before(part, out, plan))


def _gru(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    gates = _projected(part, plan)
    out = np.empty((plan.steps, plan.batch, plan.hidden), gates.dtype)
    candidates = np.empty_like(out)  # the state's side of the candidate, which r multiplies
    h, w = part["h"], _by_gate(part["w_hh"], plan)
    side, bias = np.empty_like(gates[0]), np.zeros_like(h)
    one = np.ones((), gates.dtype)
    if plan.bias:
        bias += part["b_hh"][2 * plan.hidden :]
    for t in range(plan.steps):
        np.matmul(h, w, out=side)
        r, z, new = gates[t]
        gate = gates[t, :2]
        gate += side[:2]
        _logistic(gate, one)
        candidate = np.add(side[2], bias, out=candidates[t])
        new += np.multiply(r, candidate, out=side[2])
        np.tanh(new, out=new)
        h = np.subtract(h, new, out=out[t])
        h *= z
        h += new
    return out, (gates, candidates)


def _gru_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    gates, candidates = kept
    r, z, new = gates.swapaxes(0, 1)
    before = _before(part, out, plan)
    # The gradients by those of the state: dz = dh * by_z, dn = dh * by_new, dr = dn * by_r.
    by_r = 1 - r
    by_r *= r
    by_r *= candidates
    d, by_state = np.empty((2, 3, plan.steps, plan.batch, plan.hidden), gates.dtype)
    by_new = np.multiply(new, new, out=d[2])
    np.subtract(1, by_new, out=by_new)
    by_z = before - new
    by_z *= z
    for by in by_z, by_new:
        by *= 1 - z
    steps = by_state.swapaxes(0, 1)
    w = part["w_hh"].reshape(3, plan.hidden, plan.hidden)
    dh, side = np.zeros_like(part["h"]), np.empty_like(gates[0])
    for t in reversed(range(plan.steps)):
        dh += g[t]
        by_new[t] *= dh
        dr, dz, dn = steps[t]
        np.multiply(by_new[t], by_r[t], out=dr)
        np.multiply(by_new[t], r[t], out=dn)
        np.multiply(dh, by_z[t], out=dz)
        dh *= z[t]
        dh += np.add.reduce(np.matmul(steps[t], w, out=side), axis=0)
    grad["h"][...] = dh
    d[:2] = by_state[:2]
    _shared(part, grad, plan, d, by_state, before)


def _rnn(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    out = _projected(part, plan)[:, 0]
    h, w = part["h"], np.ascontiguousarray(part["w_hh"].T)
    side = np.empty_like(h)
    for state in out:
        state += np.matmul(h, w, out=side)
        if plan.kind == "RNN_TANH":
            np.tanh(state, out=state)
        else:
            np.maximum(state, 0, out=state)
        h = state
    return out, None


def _rnn_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    del kept
    d = 1 - out * out if plan.kind == "RNN_TANH" else (out > 0).astype(out.dtype)
    dh = np.zeros_like(part["h"])
    for t in reversed(range(plan.steps)):
        dh += g[t]
        d[t] *= dh
        np.dot(d[t], part["w_hh"], out=dh)
    grad["h"][...] = dh
    _shared(part, grad, plan, d, d, _before(part, out, plan))


# --- the operation ----------------------------------------------------------------------


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


_FORWARD = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn, "RNN_RELU": _rnn}
_BACK = {"LSTM": _lstm_back, "GRU": _gru_back, "RNN_TANH": _rnn_back, "RNN_RELU": _rnn_back}


def _through_time(g: Any, x: Any, out: Any, kept: Any, plan: Plan) -> Any:
    if records(g, x):
        return pulled_back(lambda flat: _composed(flat, plan), x, g)
    grad = np.empty_like(x)
    with np.errstate():  # restores the size of the buffers
        # NumPy copies what lies in runs shorter than its buffers, which costs more than it saves.
        np.setbufsize(1024)
        _BACK[plan.kind](g, plan.parts(x), out, kept, plan, plan.parts(grad))
    return grad


@operation(_through_time, name="recurrent", kept={"kept": made_again})
def _recurrent(x: Any, /, plan: Plan) -> Any:
    with np.errstate(over="ignore"):
        return _FORWARD[plan.kind](plan.parts(x), plan)


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
    plan = Plan(
        kind,
        steps,
        batch,
        inputs,
        hidden=weights[1].shape[1],
        bias=len(weights) > 2,
        input_gradient=isinstance(x, Tensor) and x.requires_grad,
    )
    return _recurrent(concatenate((x, *state, *weights), axis=None), plan)

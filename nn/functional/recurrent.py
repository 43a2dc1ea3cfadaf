"""A layer of a recurrent network over a whole sequence as one operation.

All it depends on goes in as one flat array, so that one backward pass through time gives the
gradients of all. Formulas: Hochreiter & Schmidhuber (1997) and Gers et al. (2000) for LSTM, Cho et
al. (2014, arXiv:1406.1078) for GRU with the reset gate behind the product, as PyTorch has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise, starmap
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

    def _shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
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
        return {name: flat[span].reshape(shape) for name, span, shape in self._spans}

    @cached_property
    def _spans(self) -> list[tuple[str, slice, tuple[int, ...]]]:
        shapes = dict(self._shapes())
        ends = [0, *accumulate(math.prod(shape) for shape in shapes.values())]
        spans = starmap(slice, pairwise(ends))
        return [(name, span, shapes[name]) for name, span in zip(shapes, spans, strict=True)]


_plan = lru_cache(maxsize=64)(Plan)


def _logistic(x: np.ndarray, one: np.ndarray) -> None:
    """`x` becomes 1 / (1 + exp(x)); where exp overflows that is 0, as it should be.

    An array that holds 1 costs NumPy less than the number, and dividing less than reciprocal.
    """
    np.exp(x, x)
    np.add(x, one, x)
    np.divide(one, x, x)


def _seen(part: dict[str, Any], plan: Plan, more: int = 1) -> np.ndarray:
    """What the weights multiply in each step: rows of the input, 1 if there are biases, the state.

    A column is an example, so that a step is one matrix product whose gates lie each together.

    Returns:
        Shape (steps + more, rows, batch). The states after the first are not filled in yet; after
        the last step's there is nothing but a place for them.
    """
    rows = plan.inputs + plan.bias + plan.hidden
    seen = np.empty((plan.steps + more, rows, plan.batch), part["x"].dtype)
    steps = seen[: plan.steps]
    steps[:, : plan.inputs] = part["x"].swapaxes(1, 2)
    if plan.bias:
        steps[:, plan.inputs] = 1
    seen[0, -plan.hidden :] = part["h"].T
    return seen


def _weight(plan: Plan, *columns: np.ndarray) -> np.ndarray:
    """Weights and biases side by side as the matrix that a step multiplies by.

    All but the last gate are logistic, LSTM's i, f, g, o in the order o, i, f, g; these have
    their sign turned, once for all steps.
    """
    weight = np.concatenate([c if c.ndim == 2 else c[:, None] for c in columns], axis=1)
    if plan.kind == "LSTM":
        weight = np.concatenate([weight[-plan.hidden :], weight[: -plan.hidden]])
    np.negative(weight[: -plan.hidden], out=weight[: -plan.hidden])
    return weight


def _shared(
    part: dict[str, Any], grad: dict[str, Any], plan: Plan, seen: np.ndarray, d: np.ndarray,
    state_d: np.ndarray | None = None,
) -> None:  # fmt: skip
    """The gradients of weights and sequence from those of the gates.

    Args:
        part, grad: the parts, and where their gradients go.
        plan: the plan.
        seen: what the weights multiplied.
        d: gradients of the gates before their activation, by the input's side, of shape
            (steps, gates, hidden, batch); of GRU in reverse order.
        state_d: the same by the state's side where it differs, of GRU as z, r and new.
    """
    count, inputs = plan.steps * plan.batch, plan.inputs

    def flat(d: np.ndarray) -> np.ndarray:
        return d.transpose(1, 2, 0, 3).reshape(d.shape[1] * plan.hidden, count)

    side = flat(d)
    rows = seen[: plan.steps].swapaxes(1, 2).reshape(count, len(seen[0]))
    w_ih = part["w_ih"]
    if state_d is None:
        by_input = by_state = np.dot(side, rows)
    else:
        by_input = _gates_at([2, 1, 0], np.dot(side, rows[:, : inputs + plan.bias]))
        by_state = _gates_at([1, 0, 2], np.dot(flat(state_d), rows[:, inputs:]))
        w_ih = _gates_at([2, 1, 0], w_ih)
    grad["w_ih"][...], grad["w_hh"][...] = by_input[:, :inputs], by_state[:, -plan.hidden :]
    if plan.bias:
        of_one = -plan.hidden - 1
        grad["b_ih"][...], grad["b_hh"][...] = by_input[:, inputs], by_state[:, of_one]
    if plan.input_gradient:
        shares = np.dot(w_ih.T, side).reshape(inputs, plan.steps, plan.batch)
        grad["x"][...] = shares.transpose(1, 2, 0)
    else:
        grad["x"][...] = 0


def _gates_at(places: list[int], rows: np.ndarray) -> np.ndarray:
    """The rows of a matrix with those of each gate in another place."""
    gates = rows.reshape(len(places), len(rows) // len(places), rows.shape[1])
    return gates[places].reshape(rows.shape)


def _columns(g: np.ndarray) -> list[np.ndarray | None]:
    """The cotangent of each state, an example in a column as the states have it.

    None where it is 0: often only the last state is made use of.
    """
    reached: list[bool] = np.any(g, axis=(1, 2)).tolist()
    if all(reached):
        return list(np.ascontiguousarray(g.swapaxes(1, 2)))
    return [c.T.copy() if some else None for c, some in zip(g, reached, strict=True)]


# --- each kind forward: the states, and what the way back needs -------------------------
# The results' places are the last arguments: by keyword they take NumPy a tenth longer.


def _lstm(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    seen = _seen(part, plan, more=2)  # after the last state the last cell
    biases = [part["b_ih"] + part["b_hh"]] if plan.bias else []
    w = _weight(plan, part["w_ih"], *biases, part["w_hh"])
    states = seen[1:, -plan.hidden :]
    # A step's o, i, f, new and the cell before it: i and f multiply the last two at once.
    blocks = np.empty((plan.steps + 1, 5, plan.hidden, plan.batch), seen.dtype)
    blocks[0, 4] = part["c"].T
    rows = plan.steps + 1, 5 * plan.hidden, plan.batch
    gates = blocks.reshape(rows)[:-1, : 4 * plan.hidden]
    bent = np.empty_like(blocks[1:, 0])  # tanh of the cells
    shares, one = np.empty_like(blocks[0, :2]), np.ones((), seen.dtype)
    new_share, old_share = shares
    steps = blocks[:-1]
    views = (
        seen[:-2], gates, steps[:, :3], steps[:, 3], steps[:, 1:3], steps[:, 3:], blocks[1:, 4],
        bent, steps[:, 0], states[:-1],
    )  # fmt: skip
    for before, gate, ofi, new, i_f, new_old, cell, bent_cell, o, state in zip(*views, strict=True):
        np.dot(w, before, gate)
        _logistic(ofi, one)
        np.tanh(new, new)
        np.multiply(i_f, new_old, shares)
        np.add(new_share, old_share, cell)
        np.tanh(cell, bent_cell)
        np.multiply(o, bent_cell, state)
    states[-1] = cell
    return states.swapaxes(1, 2), (seen, blocks, bent)


def _lstm_back(
    g: np.ndarray, part: dict[str, Any], kept: Any, plan: Plan, grad: dict[str, Any]
) -> None:
    seen, blocks, bent = kept
    o, i, f, new, cells = blocks[:-1].swapaxes(0, 1)
    states = seen[1:-1, -plan.hidden :]
    # Each gate's gradient is that of its cell, for o of the state, times what it multiplies and
    # the slope of its activation: all but the first factor at once for all steps. With f before
    # them, what the cell's gradient multiplies lies together; with the cell's own factor behind
    # them what the state's does.
    factors = np.empty((plan.steps, 6, plan.hidden, plan.batch), seen.dtype)
    through, by_i, by_f, by_new, by_o, by_cell = factors.swapaxes(0, 1)
    through[...] = f
    np.multiply(i, new, by_new)
    np.subtract(1, i, by_i)
    by_i *= by_new  # i (1 - i) new
    by_new *= new
    np.subtract(i, by_new, by_new)  # i (1 - new^2)
    np.subtract(1, f, by_f)
    by_f *= f
    by_f *= cells  # f (1 - f) times the cell before
    np.subtract(1, o, by_o)
    by_o *= states  # o (1 - o) tanh(cell)
    np.multiply(states, bent, by_cell)
    np.subtract(o, by_cell, by_cell)  # o (1 - tanh(cell)^2)
    w = part["w_hh"].T
    rows = plan.steps, 6 * plan.hidden, plan.batch
    steps = factors.reshape(rows)[:, plan.hidden : 5 * plan.hidden]
    dh = np.zeros_like(bent[0])
    earlier, dc = g[-1].T.copy(), np.empty_like(dh)
    views = _columns(g[:-1]), factors[:, 4:], by_cell, factors[:, :4], steps, through
    backwards = [view[::-1] for view in views]
    for g_t, of_state, share, of_cell, step, onwards in zip(*backwards, strict=True):
        if g_t is not None:
            np.add(dh, g_t, dh)
        np.multiply(of_state, dh, of_state)
        np.add(earlier, share, dc)
        np.multiply(of_cell, dc, of_cell)
        earlier = onwards
        np.dot(w, step, dh)
    grad["h"][...], grad["c"][...] = dh.T, earlier.T
    _shared(part, grad, plan, seen, factors[:, 1:5])


def _gru(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    # The state's bias goes with the state: the reset gate multiplies both.
    seen, inputs = _seen(part, plan), plan.inputs + plan.bias
    b_ih, b_hh = ([part["b_ih"]], [part["b_hh"]]) if plan.bias else ([], [])
    w_ih, w = _weight(plan, part["w_ih"], *b_ih), _weight(plan, *b_hh, part["w_hh"])
    gates = np.matmul(w_ih, seen[:-1, :inputs]).reshape(plan.steps, 3, plan.hidden, plan.batch)
    side, one = np.empty_like(gates[0]), np.ones((), seen.dtype)
    whole_side, candidate = side.reshape(3 * plan.hidden, plan.batch), side[2]
    candidates = np.empty_like(gates[:, 2])  # the state's side of the candidate
    states = seen[:, -plan.hidden :]
    views = (
        seen[:-1, plan.inputs :], gates[:, :2], gates[:, 0], gates[:, 1], gates[:, 2], candidates,
        states[:-1], states[1:],
    )  # fmt: skip
    for before, rz, r, z, new, kept_candidate, h, state in zip(*views, strict=True):
        np.dot(w, before, whole_side)
        np.add(rz, side[:2], rz)
        _logistic(rz, one)
        kept_candidate[...] = candidate
        np.multiply(r, candidate, candidate)
        np.add(new, candidate, new)
        np.tanh(new, new)
        np.subtract(h, new, state)
        np.multiply(state, z, state)
        np.add(state, new, state)
    return states[1:].swapaxes(1, 2), (seen, gates, candidates)


def _gru_back(
    g: np.ndarray, part: dict[str, Any], kept: Any, plan: Plan, grad: dict[str, Any]
) -> None:
    seen, gates, candidates = kept
    r, z, new = gates.swapaxes(0, 1)
    # What the state's gradient multiplies lies together, then what the candidate's does; and so
    # do the gradients of new, z and r by the input's side, and of z, r and new by the state's.
    factors = np.empty((plan.steps, 5, plan.hidden, plan.batch), gates.dtype)
    through, by_new, by_z, by_r, by_candidate = factors.swapaxes(0, 1)
    through[...] = z
    by_candidate[...] = r
    np.subtract(1, z, by_z)
    np.multiply(new, new, by_new)
    np.subtract(1, by_new, by_new)
    by_new *= by_z  # (1 - new^2) (1 - z)
    by_z *= z
    np.subtract(seen[:-1, -plan.hidden :], new, by_r)
    by_z *= by_r  # z (1 - z) (state before - new)
    np.subtract(1, r, by_r)
    by_r *= r
    by_r *= candidates  # r (1 - r) times what it multiplies
    w = _gates_at([1, 0, 2], part["w_hh"]).T
    dh = np.zeros_like(candidates[0])
    rows = plan.steps, 5 * plan.hidden, plan.batch
    d = factors.reshape(rows)[:, 2 * plan.hidden :]
    views = _columns(g), factors[:, :3], factors[:, 3:], by_new, d, through
    backwards = [view[::-1] for view in views]
    for g_t, of_state, of_new, new_t, step, onwards in zip(*backwards, strict=True):
        if g_t is not None:
            np.add(dh, g_t, dh)
        np.multiply(of_state, dh, of_state)
        np.multiply(of_new, new_t, of_new)
        np.dot(w, step, dh)
        np.add(dh, onwards, dh)
    grad["h"][...] = dh.T
    _shared(part, grad, plan, seen, factors[:, 1:4], factors[:, 2:])


# One gate only has nothing to lie beside: here an example stays a row, as in the sequence.


def _rnn(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    x = part["x"].reshape(plan.steps * plan.batch, plan.inputs)
    out = np.dot(x, part["w_ih"].T).reshape(plan.steps, plan.batch, plan.hidden)
    if plan.bias:
        out += part["b_ih"] + part["b_hh"]
    h, w = part["h"], np.ascontiguousarray(part["w_hh"].T)
    side = np.empty_like(h)
    for state in out:
        np.dot(h, w, side)
        np.add(state, side, state)
        if plan.kind == "RNN_TANH":
            np.tanh(state, state)
        else:
            np.maximum(state, 0, out=state)
        h = state
    return out, out


def _rnn_back(
    g: np.ndarray, part: dict[str, Any], kept: Any, plan: Plan, grad: dict[str, Any]
) -> None:
    d = 1 - kept * kept if plan.kind == "RNN_TANH" else (kept > 0).astype(kept.dtype)
    w, dh = part["w_hh"], np.zeros_like(part["h"])
    for g_t, d_t in zip(g[::-1], d[::-1], strict=True):
        np.add(dh, g_t, dh)
        np.multiply(d_t, dh, d_t)
        np.dot(d_t, w, dh)
    grad["h"][...] = dh
    count = plan.steps * plan.batch
    rows = d.reshape(count, plan.hidden)
    before = np.concatenate([part["h"][None], kept[:-1]]).reshape(rows.shape)
    np.dot(rows.T, part["x"].reshape(count, plan.inputs), out=grad["w_ih"])
    np.dot(rows.T, before, out=grad["w_hh"])
    if plan.bias:
        grad["b_ih"][...] = grad["b_hh"][...] = np.dot(np.ones(count, d.dtype), rows)
    if plan.input_gradient:
        np.dot(rows, part["w_ih"], out=grad["x"].reshape(count, plan.inputs))
    else:
        grad["x"][...] = 0


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


def _through_time(g: Any, x: Any, kept: Any, plan: Plan) -> Any:
    if records(g, x):
        return pulled_back(lambda flat: _composed(flat, plan), x, g)
    grad = np.empty_like(x)
    with np.errstate():  # restores the size of the buffers
        # NumPy copies what lies in runs shorter than its buffers, which costs more than it saves.
        np.setbufsize(1024)
        _BACK[plan.kind](g, plan.parts(x), kept, plan, plan.parts(grad))
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
    wanted = isinstance(x, Tensor) and x.requires_grad
    plan = _plan(kind, steps, batch, inputs, weights[1].shape[1], len(weights) > 2, wanted)
    return _recurrent(concatenate((x, *state, *weights), axis=None), plan)

"""Each kind of recurrent layer through time, forward and back, on plain arrays.

Formulas: Hochreiter & Schmidhuber (1997) and Gers et al. (2000) for LSTM, Cho et al. (2014,
arXiv:1406.1078) for GRU with the reset gate behind the product, as PyTorch has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, starmap
from typing import Any

import numpy as np

from .basic import product

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}
SMALL = 10**6
"""Multiplications in the largest product that OpenBLAS computes on the spot."""
FACTORS = 10**6
"""Numbers: what the backward pass makes for a run of steps at a time."""


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


def _multiplication(w: np.ndarray, places: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
    """How a step multiplies by a weight: NumPy's function, the weight, the results' places.

    OpenBLAS computes small products on the spot; for larger ones it first rearranges the
    operands, which a few columns do not repay. So these are divided by rows.
    """
    rows, columns = w.shape[0], places.shape[-1]
    parts = 1
    while columns < 16 and w.size * columns > parts * SMALL and rows % (2 * parts) == 0:
        parts *= 2
    if parts == 1 and w.shape[1] > 1:
        return np.dot, w, places
    shape = parts, rows // parts
    places = places.reshape(*places.shape[:-2], *shape, columns)
    return np.matmul, w.reshape(*shape, w.shape[1]), places


def _runs(plan: Plan, factors: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """The steps in runs, the last ones first, each with a place for its factors."""
    for stop in range(plan.steps, 0, -len(factors)):
        start = max(stop - len(factors), 0)
        yield slice(start, stop), factors[: stop - start]


def _factors(plan: Plan, count: int, dtype: Any) -> np.ndarray:
    """A place for the factors of as many steps as memory should be taken for at a time."""
    size = count * plan.hidden * plan.batch
    steps = min(plan.steps, max(FACTORS // max(size, 1), 1))
    return np.empty((steps, count, plan.hidden, plan.batch), dtype)


def _shared(
    part: dict[str, Any], grad: dict[str, Any], plan: Plan, out: np.ndarray, d: np.ndarray
) -> None:
    """The gradients of weights and sequence from those of the gates.

    Args:
        part, grad: the parts, and where their gradients go.
        plan: the plan.
        out: the states.
        d: gradients of the gates before their activation, of shape (rows, steps, batch); of GRU
            those of new by the input's side, z, r, and new by the state's side.
    """
    inputs, hidden = plan.inputs, plan.hidden
    seen = np.empty((plan.steps, plan.batch, inputs + plan.bias + hidden), d.dtype)
    seen[..., :inputs] = part["x"]
    if plan.bias:
        seen[..., inputs] = 1
    seen[0, :, -hidden:] = part["h"]
    seen[1:, :, -hidden:] = out[: plan.steps - 1]
    count = plan.steps * plan.batch
    side, rows = d.reshape(len(d), count), seen.reshape(count, seen.shape[-1])
    w_ih = part["w_ih"]
    if plan.kind == "LSTM":
        by_input = by_state = product(side, rows)
    else:
        by_state = product(side[hidden:], rows[:, inputs:])
        side = side[: 3 * hidden]
        by_input = product(side, rows[:, : inputs + plan.bias])
        by_input, by_state = _gates_at([2, 1, 0], by_input), _gates_at([1, 0, 2], by_state)
        w_ih = _gates_at([2, 1, 0], w_ih)
    grad["w_ih"][...], grad["w_hh"][...] = by_input[:, :inputs], by_state[:, -hidden:]
    if plan.bias:
        grad["b_ih"][...], grad["b_hh"][...] = by_input[:, inputs], by_state[:, -hidden - 1]
    if plan.input_gradient:
        shares = product(w_ih.T, side).reshape(inputs, plan.steps, plan.batch)
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
    reached: list[bool] = (g != 0).any(axis=(1, 2)).tolist()  # twice as fast as any() of numbers
    if all(reached):
        return list(np.ascontiguousarray(g.swapaxes(1, 2)))
    return [c.T.copy() if some else None for c, some in zip(g, reached, strict=True)]


# --- each kind forward: the states, and what the way back needs -------------------------
# The results' places are the last arguments: by keyword they take NumPy a tenth longer.


def _lstm(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    seen = _seen(part, plan, more=2)  # after the last state the last cell
    biases = [part["b_ih"] + part["b_hh"]] if plan.bias else []
    states = seen[1:, -plan.hidden :]
    # A step's o, i, f, new and the cell before it: i and f multiply the last two at once.
    blocks = np.empty((plan.steps + 1, 5, plan.hidden, plan.batch), seen.dtype)
    blocks[0, 4] = part["c"].T
    rows = plan.steps + 1, 5 * plan.hidden, plan.batch
    gates = blocks.reshape(rows)[:-1, : 4 * plan.hidden]
    multiply, w, gates = _multiplication(_weight(plan, part["w_ih"], *biases, part["w_hh"]), gates)
    bent = np.empty_like(blocks[1:, 0])  # tanh of the cells
    shares, one = np.empty_like(blocks[0, :2]), np.ones((), seen.dtype)
    new_share, old_share = shares
    steps = blocks[:-1]
    views = (
        seen[:-2], gates, steps[:, :3], steps[:, 3], steps[:, 1:3], steps[:, 3:], blocks[1:, 4],
        bent, steps[:, 0], states[:-1],
    )  # fmt: skip
    for before, gate, ofi, new, i_f, new_old, cell, bent_cell, o, state in zip(*views, strict=True):
        multiply(w, before, gate)
        _logistic(ofi, one)
        np.tanh(new, new)
        np.multiply(i_f, new_old, shares)
        np.add(new_share, old_share, cell)
        np.tanh(cell, bent_cell)
        np.multiply(o, bent_cell, state)
    states[-1] = cell
    return states.swapaxes(1, 2).copy(), (blocks, bent)


def _lstm_factors(blocks: np.ndarray, bent: np.ndarray, factors: np.ndarray) -> None:
    """What a run of steps multiplies the gradients of its states and cells by.

    Each gate's gradient is that of its cell, for o of the state, times what it multiplies and the
    slope of its activation: all but the first factor at once for all steps. With f before them,
    what the cell's gradient multiplies lies together; with the cell's own factor behind them what
    the state's does.
    """
    o, i, f, new, cells = blocks.swapaxes(0, 1)
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
    np.multiply(o, bent, by_cell)
    np.subtract(1, o, by_o)
    by_o *= by_cell  # o (1 - o) tanh(cell)
    by_cell *= bent
    np.subtract(o, by_cell, by_cell)  # o (1 - tanh(cell)^2)


def _lstm_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    blocks, bent = kept
    dh = np.zeros_like(bent[0])
    earlier, dc = g[-1].T.copy(), np.empty_like(dh)
    multiply, w, dh_place = _multiplication(part["w_hh"].T, dh)
    by_states = _columns(g[:-1])
    d = np.empty((4 * plan.hidden, plan.steps, plan.batch), bent.dtype)
    for run, factors in _runs(plan, _factors(plan, 6, bent.dtype)):
        earlier = earlier.copy()  # the factors' place is taken again
        _lstm_factors(blocks[run], bent[run], factors)
        rows = len(factors), 6 * plan.hidden, plan.batch
        steps = factors.reshape(rows)[:, plan.hidden : 5 * plan.hidden]
        through, by_cell = factors[:, 0], factors[:, 5]
        views = by_states[run], factors[:, 4:], by_cell, factors[:, :4], steps, through
        backwards = [view[::-1] for view in views]
        for g_t, of_state, share, of_cell, step, onwards in zip(*backwards, strict=True):
            if g_t is not None:
                np.add(dh, g_t, dh)
            np.multiply(of_state, dh, of_state)
            np.add(earlier, share, dc)
            np.multiply(of_cell, dc, of_cell)
            earlier = onwards
            multiply(w, step, dh_place)
        d[:, run] = steps.swapaxes(0, 1)
    grad["h"][...], grad["c"][...] = dh.T, earlier.T
    _shared(part, grad, plan, out, d)


def _gru(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    # The state's bias goes with the state: the reset gate multiplies both.
    seen, inputs = _seen(part, plan), plan.inputs + plan.bias
    b_ih, b_hh = ([part["b_ih"]], [part["b_hh"]]) if plan.bias else ([], [])
    by_input = np.matmul(_weight(plan, part["w_ih"], *b_ih), seen[:-1, :inputs])
    gates = by_input.reshape(plan.steps, 3, plan.hidden, plan.batch)
    side, one = np.empty_like(gates[0]), np.ones((), seen.dtype)
    by_state, candidate = side[:2], side[2]
    place = side.reshape(3 * plan.hidden, plan.batch)
    multiply, w, place = _multiplication(_weight(plan, *b_hh, part["w_hh"]), place)
    # The state's side of the candidate, and the state before without the new one.
    candidates, changes = np.empty((2, *gates[:, 2].shape), gates.dtype)
    states = seen[:, -plan.hidden :]
    views = (
        seen[:-1, plan.inputs :], gates[:, :2], gates[:, 0], gates[:, 1], gates[:, 2], candidates,
        changes, states[:-1], states[1:],
    )  # fmt: skip
    for before, rz, r, z, new, kept, change, h, state in zip(*views, strict=True):
        multiply(w, before, place)
        np.add(rz, by_state, rz)
        _logistic(rz, one)
        kept[...] = candidate
        np.multiply(r, candidate, candidate)
        np.add(new, candidate, new)
        np.tanh(new, new)
        np.subtract(h, new, change)
        np.multiply(change, z, state)
        np.add(state, new, state)
    return states[1:].swapaxes(1, 2).copy(), (gates, candidates, changes)


def _gru_factors(
    gates: np.ndarray, candidates: np.ndarray, changes: np.ndarray, factors: np.ndarray
) -> None:
    """What a run of steps multiplies the gradients of its states and candidates by.

    What the state's gradient multiplies lies together, then what the candidate's does; and so do
    the gradients of new, z and r by the input's side, and of z, r and new by the state's.
    """
    r, z, new = gates.swapaxes(0, 1)
    through, by_new, by_z, by_r, by_candidate = factors.swapaxes(0, 1)
    through[...] = z
    by_candidate[...] = r
    np.subtract(1, z, by_z)
    np.multiply(new, new, by_new)
    np.subtract(1, by_new, by_new)
    by_new *= by_z  # (1 - new^2) (1 - z)
    by_z *= z
    by_z *= changes  # z (1 - z) (state before - new)
    np.subtract(1, r, by_r)
    by_r *= r
    by_r *= candidates  # r (1 - r) times what it multiplies


def _gru_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    gates, candidates, changes = kept
    dh = np.zeros_like(changes[0])
    multiply, w, dh_place = _multiplication(_gates_at([1, 0, 2], part["w_hh"]).T, dh)
    by_states = _columns(g)
    d = np.empty((4 * plan.hidden, plan.steps, plan.batch), gates.dtype)
    for run, factors in _runs(plan, _factors(plan, 5, gates.dtype)):
        _gru_factors(gates[run], candidates[run], changes[run], factors)
        rows = factors.reshape(len(factors), 5 * plan.hidden, plan.batch)
        steps, through, by_new = rows[:, 2 * plan.hidden :], factors[:, 0], factors[:, 1]
        views = by_states[run], factors[:, :3], factors[:, 3:], by_new, steps, through
        backwards = [view[::-1] for view in views]
        for g_t, of_state, of_new, new_t, step, onwards in zip(*backwards, strict=True):
            if g_t is not None:
                np.add(dh, g_t, dh)
            np.multiply(of_state, dh, of_state)
            np.multiply(of_new, new_t, of_new)
            multiply(w, step, dh_place)
            np.add(dh, onwards, dh)
        d[:, run] = rows[:, plan.hidden :].swapaxes(0, 1)
    grad["h"][...] = dh.T
    _shared(part, grad, plan, out, d)


# One gate only has nothing to lie beside: here an example stays a row, as in the sequence.


def _rnn(part: dict[str, Any], plan: Plan) -> tuple[np.ndarray, Any]:
    x = part["x"].reshape(plan.steps * plan.batch, plan.inputs)
    out = product(x, part["w_ih"].T).reshape(plan.steps, plan.batch, plan.hidden)
    if plan.bias:
        out += part["b_ih"] + part["b_hh"]
    h, w = part["h"], np.ascontiguousarray(part["w_hh"].T)
    multiply, side = (np.dot if plan.hidden > 1 else np.matmul), np.empty_like(h)
    for state in out:
        multiply(h, w, side)
        np.add(state, side, state)
        if plan.kind == "RNN_TANH":
            np.tanh(state, state)
        else:
            np.maximum(state, 0, out=state)
        h = state
    return out, None


def _rnn_back(
    g: np.ndarray, part: dict[str, Any], out: np.ndarray, kept: Any, plan: Plan, grad: Any
) -> None:
    del kept
    d = 1 - out * out if plan.kind == "RNN_TANH" else (out > 0).astype(out.dtype)
    w, dh = part["w_hh"], np.zeros_like(part["h"])
    multiply = np.dot if plan.hidden > 1 else np.matmul
    for g_t, d_t in zip(g[::-1], d[::-1], strict=True):
        np.add(dh, g_t, dh)
        np.multiply(d_t, dh, d_t)
        multiply(d_t, w, dh)
    grad["h"][...] = dh
    count = plan.steps * plan.batch
    rows = d.reshape(count, plan.hidden)
    before = np.concatenate([part["h"][None], out[:-1]]).reshape(rows.shape)
    grad["w_ih"][...] = product(rows.T, part["x"].reshape(count, plan.inputs))
    grad["w_hh"][...] = product(rows.T, before)
    if plan.bias:
        grad["b_ih"][...] = grad["b_hh"][...] = np.dot(np.ones(count, d.dtype), rows)
    if plan.input_gradient:
        grad["x"][...] = product(rows, part["w_ih"]).reshape(grad["x"].shape)
    else:
        grad["x"][...] = 0


FORWARD = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn, "RNN_RELU": _rnn}
BACK = {"LSTM": _lstm_back, "GRU": _gru_back, "RNN_TANH": _rnn_back, "RNN_RELU": _rnn_back}

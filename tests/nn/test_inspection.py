"""summary: shapes, counts, and a model left as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn

from ..autograd.helpers import refuses


def test_rows_and_totals() -> None:
    shared = nn.Linear(4, 4)
    model = nn.Sequential(
        nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Sequential(shared, shared), nn.Dropout()
    )
    model[0].requires_grad_(False)
    found = nn.summary(model, np.ones((5, 3), np.float32))
    rows = {row.name: row for row in found.rows}
    assert list(rows) == ["", "0", "1", "2", "2.0", "3"]
    assert rows["0"].output_shape == "(5, 4)"
    assert rows["0"].multiply_adds == 5 * 3 * 4
    assert rows["2.0"].multiply_adds == 2 * 5 * 4 * 4  # it is called twice
    assert rows["2.0"].parameters == 20
    assert (rows[""].parameters, rows["1"].multiply_adds) == (0, 0)
    assert (found.parameters, found.trainable) == (32, 20)
    assert found.multiply_adds == 60 + 160
    assert "32 parameters, 20 of them trained; 220 multiply-adds" in str(found)


def test_the_model_is_left_as_it_was() -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.9))
    model[0].eval()
    before = model.state_dict()
    nn.summary(model, np.ones((1, 2), np.float32))
    assert [m.training for m in model.modules()] == [True, False, True]
    assert not any(m._hooks for m in model.modules())
    for name, x in model.state_dict().items():
        np.testing.assert_array_equal(x, before[name])
    with refuses(ValueError, "(1, 3)"):
        nn.summary(model, np.ones((1, 3), np.float32))
    assert not any(m._hooks for m in model.modules())
    assert [m.training for m in model.modules()] == [True, False, True]


def test_what_is_not_known_is_said() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            self.matrix = nn.Parameter(np.ones((2, 2)))
            self.unused = nn.ReLU()

        def forward(self, x: Any) -> Any:
            return [x @ self.matrix, {"a": 1}]

    found = nn.summary(Own(), np.ones((3, 2)))
    assert found.rows[0].multiply_adds is None
    assert found.rows[0].output_shape == "[(3, 2), dict]"
    assert found.rows[1].output_shape == "not called"
    assert "at least 0 multiply-adds" in str(found)


def test_a_scalar_model() -> None:
    found = nn.summary(nn.MLP(2, [3, 1]), [1.0, -2.0])
    assert found.parameters == sum(row.parameters for row in found.rows) == 13
    assert found.multiply_adds == 3 * 2 + 3


@pytest.mark.parametrize("inputs", [1, 2])
def test_several_inputs(inputs: int) -> None:
    class Sum(nn.Module):
        def forward(self, *xs: Any) -> Any:
            return sum(xs)

    assert nn.summary(Sum(), *[np.ones(3)] * inputs).rows[0].output_shape == "(3,)"


def test_layers_called_with_keywords() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.attention = nn.MultiheadAttention(4, 2)
            self.lstm = nn.LSTM(4, 3)

        def forward(self, x: Any) -> Any:
            out, _ = self.attention(query=x, value=x, key=x, need_weights=False)
            return self.lstm(input=out)

    x = np.ones((5, 2, 4), np.float32)
    rows = {row.name: row.multiply_adds for row in nn.summary(Model(), x).rows}
    projections, products = 3 * 10 * 4 * 4, 2 * 10 * 5 * 4
    assert rows["attention"] == projections + products
    assert rows["lstm"] == 10 * 4 * 3 * (4 + 3)


def test_a_bilinear_layer_without_outputs() -> None:
    x = np.ones((5, 2), np.float32)
    assert nn.summary(nn.Bilinear(2, 2, 0), x, x).multiply_adds == 0

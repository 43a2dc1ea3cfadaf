"""The HTML page without a browser: one file, nothing from elsewhere, data that cannot act."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, draw

from .helpers import neuron

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<!--<script>",
    "'\"&lt;\\u003c]]>",
    "\u2028\u2029\x00\ud800",
    "@@PROGRAM@@",
]


def data_of(page: str) -> Any:
    """What the page's program is told."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


class Tags(HTMLParser):
    """All tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_loads_nothing() -> None:
    page = draw(neuron()).html
    assert not any({"src", "href"} & attributes.keys() for _, attributes in Tags(page).found)
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|@import|url\(", page)
    assert "https:" not in page


def test_the_policy_names_the_hashes_of_the_style_and_the_program() -> None:
    page = draw(neuron()).html
    policy = next(a["content"] for tag, a in Tags(page).found if tag == "meta" and "content" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for part in re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_are_data(label: str) -> None:
    page = draw(Value(1.0, label=label)).html
    page.encode()
    assert [tag for tag, _ in Tags(page).found].count("script") == 2
    assert data_of(page)["items"][0]["name"] == label


def test_numbers_that_json_does_not_have() -> None:
    x = Value(0.0)
    page = draw([x / Value(0.0), autograd.log(x)]).html
    assert data_of(page)["items"]


def test_steps_are_in_the_order_of_the_computation() -> None:
    data = data_of(draw(neuron()).html)
    assert [data["items"][i]["operation"] for i in data["steps"]] == ["*", "*", "+", "+", "tanh"]


def test_values_have_the_gradients_of_a_pass_before_any_backward() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    y = a * b
    items = {item.get("name"): item for item in data_of(draw(y).html)["items"]}
    assert [items[name]["grad"][0] for name in "ab"] == ["-3.0000", "2.0000"]
    assert items["a"]["stored"][0] == "0.0000"
    assert (a.grad, b.grad, y.grad) == (0.0, 0.0, 0.0)
    assert [operand["factor"] for operand in items[None]["operands"]] == ["-3.0000", "2.0000"]


def test_gradients_beside_a_backward_graph_are_those_of_the_output_alone() -> None:
    x = Value(2.0, label="x")
    items = data_of(draw(x**3, backward=True).html)["items"]
    assert [item["grad"][0] for item in items if item.get("name") == "x"] == ["12.0000"]


def test_tensors_have_what_the_run_showed() -> None:
    model, x = nn.Linear(3, 2), np.ones((4, 3), np.float32)
    items = {item.get("name"): item for item in data_of(draw(model, x).html)["items"]}
    assert items["bias"]["grad"][1] == "[4. 4.]"
    assert items["input"]["data"][0] == "all 1.0000"
    assert all("data" in item for item in items.values())


def test_source_lines_are_those_of_the_user() -> None:
    def helper(x: Value) -> Value:
        return x.exp()

    def f(x: Value) -> Value:
        y = helper(x) * x  # a line of its own
        for _ in range(2):
            y = y + 1
        return nn.functional.relu(y)

    page = data_of(draw(f, Value(1.0)).html)
    lines = {
        i["operation"]: i["source"].split(": ", 1) for i in page["items"] if i.get("operation")
    }
    assert lines["exp"][1] == "return x.exp()"
    assert lines["*"][1] == "y = helper(x) * x  # a line of its own"
    assert lines["+"][1] == "y = y + 1"
    assert lines["ReLU"][1] == "return nn.functional.relu(y)"
    assert all(re.fullmatch(r"test_page\.py:\d+", place) for place, _ in lines.values())


def test_a_graph_that_was_not_run_for_the_picture_has_no_source_lines() -> None:
    assert not any("source" in item for item in data_of(draw(neuron()).html)["items"])


def test_source_lines_of_a_graph_recorded_in_debugging_mode() -> None:
    with autograd.detect_anomaly():
        y = Value(1.0).exp()
        page = draw(y).html
    assert data_of(page)["items"][1]["source"].endswith("y = Value(1.0).exp()")


def test_an_ordinary_pass_after_a_picture_keeps_nothing() -> None:
    model = nn.Linear(3, 2)
    draw(model, np.ones((1, 3), np.float32))
    assert autograd.scope.active == 0
    assert autograd.recording.mode.observer is None


def test_copies_of_a_leaf_share_their_gradient() -> None:
    x = leaf = Value(0.5, label="x")
    for _ in range(10):
        x = x.tanh() * leaf
    items = data_of(draw(x).html)["items"]
    copies = [item for item in items if "leaf" in item]
    assert len(copies) == 11
    assert len({item["leaf"] for item in copies}) == 1


def test_a_long_chain_that_shares_a_leaf() -> None:
    x = Tensor(1.0, requires_grad=True)
    leaf = Tensor(0.5, requires_grad=True, label="w")
    for _ in range(1000):
        x = autograd.tanh(x * leaf)
    data = data_of(draw(x, max_nodes=None).html)
    assert len(data["steps"]) == 2000

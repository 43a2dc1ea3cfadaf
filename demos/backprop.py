"""Back-propagation through a 2-2-1 sigmoid network, one factor of the chain at a time."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import autograd
from autograd import Value, log, sigmoid

X, Y = (1.0, -0.5), 1.0
"""The point, and its label."""

WEIGHTS = {
    "W11(1)": 0.6, "W21(1)": -0.4, "W31(1)": 0.1,
    "W12(1)": -0.3, "W22(1)": 0.8, "W32(1)": -0.2,
    "W11(2)": 0.7, "W21(2)": -0.5, "W31(2)": 0.2,
}  # fmt: skip
"""Wij(k) leads from unit i to unit j of layer k; unit 3 is the bias, always 1."""


class Network(NamedTuple):
    """Every quantity of the computation, from the weights to the error."""

    w: dict[str, Value]
    h1: Value
    h2: Value
    h: Value
    y: Value
    error: Value


def forward(weights: dict[str, float]) -> Network:
    """Feed the point forward: two linear models, their sigmoids, a linear model of those."""
    w = {name: Value(number, label=name) for name, number in weights.items()}
    h1 = w["W11(1)"] * X[0] + w["W21(1)"] * X[1] + w["W31(1)"]
    h2 = w["W12(1)"] * X[0] + w["W22(1)"] * X[1] + w["W32(1)"]
    h = w["W11(2)"] * sigmoid(h1) + w["W21(2)"] * sigmoid(h2) + w["W31(2)"]
    y = sigmoid(h)
    error = -(Y * log(y) + (1 - Y) * log(1 - y))
    h1.label, h2.label, h.label, y.label, error.label = "h1", "h2", "h", "prediction", "E"
    return Network(w, h1, h2, h, y, error)


def chain(net: Network) -> dict[str, float]:
    """The four factors on the way from the error back to W11(1), each by its formula."""
    y, s1 = net.y.data, float(sigmoid(net.h1.data))
    return {
        "dE/dy": (y - Y) / (y * (1 - y)),
        "dy/dh": y * (1 - y),
        "dh/dh1": net.w["W11(2)"].data * s1 * (1 - s1),
        "dh1/dW11(1)": X[0],
    }


def factors_by_engine(net: Network) -> dict[str, float]:
    """The same four, each asked of the engine."""
    steps = {
        "dE/dy": (net.error, net.y),
        "dy/dh": (net.y, net.h),
        "dh/dh1": (net.h, net.h1),
        "dh1/dW11(1)": (net.h1, net.w["W11(1)"]),
    }
    return {name: autograd.gradients(*pair)[0] for name, pair in steps.items()}


def descend(net: Network, rate: float = 0.5) -> Network:
    """One step down for every weight, and the new network."""
    net.error.backward()
    return forward({name: w.data - rate * w.grad for name, w in net.w.items()})


def shared() -> tuple[Value, Value]:
    """x, and an output that x reaches by a short way and by a long one."""
    x = Value(2.0, label="x")
    u = x * 3.0
    v = u * u
    out = u + v
    u.label, v.label, out.label = "u", "v", "out"
    return x, out


def naive_backward(output: Value) -> None:
    """Pass gradients back in the order in which nodes are first met: the mistake to avoid.

    A node met by a short way hands its gradient on before the rest of it arrives by a longer.
    """
    output.grad = 1.0
    queue, met = [output], {output}
    while queue:
        node = queue.pop(0)
        for parent, factor in zip(node.parents, node.factors, strict=True):
            if factor is None:
                continue  # a plain number
            parent.grad += node.grad * factor
            if parent not in met:
                met.add(parent)
                queue.append(parent)


def main(out: Path) -> None:
    """The chain for one weight, a step for all, and why the order matters."""
    net = forward(WEIGHTS)
    print(f"A point {X} with label {Y:.0f} through two hidden sigmoid units and one output:")
    for name in ("h1", "h2", "h", "y", "error"):
        print(f"  {name:5} = {getattr(net, name).data:.16f}")

    print("\nThe error reaches W11(1) by one way only, so its slope is the product along it:")
    hand, engine = chain(net), factors_by_engine(net)
    product = 1.0
    for name, factor in hand.items():
        product *= factor
        print(f"  {name:11} by formula {factor:+.16f}   by engine {engine[name]:+.16f}")
    print(f"  the first two together are prediction - label = {net.y.data - Y:+.16f}")
    after = descend(net)
    print(f"  product of all four       {product:+.16f}")
    print(f"  engine, backward()        {net.w['W11(1)'].grad:+.16f}")

    print("\nThat one pass gave the slopes by all nine weights; a step at rate 0.5:")
    for name, w in net.w.items():
        print(f"  {name}: slope {w.grad:+.6f}, {w.data:+.6f} -> {after.w[name].data:+.6f}")
    print(f"  error {net.error.data:.6f} -> {after.error.data:.6f}")
    print(f"  prediction {net.y.data:.6f} -> {after.y.data:.6f}")

    print(
        "\nWhere a result is used twice, all its uses must report before it hands on: out = u + v"
    )
    print("with u = 3 x and v = u^2, so d out/dx = 3 + 18 x, which is 39 at x = 2.")
    x, wrong = shared()
    naive_backward(wrong)
    print(f"  in the order of first meeting (out, u, v, x): {x.grad:.6f}")
    files = [autograd.draw(wrong).save(out / "naive_order.svg")]
    x, right = shared()
    right.backward()
    print(f"  the engine, newest first (out, v, u, x):      {x.grad:.6f}")
    print("Operands are made before what is computed from them, so newest first always works.")
    files.append(autograd.draw(right).save(out / "topological_order.svg"))
    files.append(autograd.draw(net.error, direction="TB").save(out / "network.svg"))
    for file in files:
        print(f"written: {file}")

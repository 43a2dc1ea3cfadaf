"""The chain rule for several variables: one derivative four ways, and products of Jacobians."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import autograd
from autograd import Value, cos, exp, sin

from . import plotting

TIMES = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5]


def f(x: Any) -> Any:
    """x1^3 cos(x2) e^(x3)."""
    return x[0] ** 3 * cos(x[1]) * exp(x[2])


def x_of_t(t: Any) -> Any:
    """(2 t, 1 - t^2, e^t)."""
    return autograd.stack([2 * t, 1 - t**2, exp(t)])


def direct(t: float) -> float:
    """df/dt with x(t) put into f, differentiated by hand with the product rule."""
    value = 8 * t**3 * np.cos(1 - t**2) * np.exp(np.exp(t))
    bracket = 24 * t**2 * np.cos(1 - t**2) + 16 * t**4 * np.sin(1 - t**2)
    return float(bracket * np.exp(np.exp(t)) + value * np.exp(t))


def jacobians(t: float) -> tuple[np.ndarray, np.ndarray]:
    """df/dx, a row of three, and dx/dt, a column of three, each by its formulas."""
    x1, x2, x3 = 2 * t, 1 - t**2, np.exp(t)
    row = np.array([3 * x1**2 * np.cos(x2), -(x1**3) * np.sin(x2), x1**3 * np.cos(x2)])
    return row * np.exp(x3), np.array([2, -2 * t, np.exp(t)])


def four_ways(t: float) -> dict[str, float]:
    """df/dt by hand, by Jacobians, and by the engine backwards and forwards."""
    row, column = jacobians(t)

    def composed(t: Any) -> Any:
        return f(x_of_t(t))

    _, tangent = autograd.jvp(composed, (np.array(t),), (np.array(1.0),))
    return {
        "direct": direct(t),
        "Jacobians": float(row @ column),
        "reverse": float(autograd.grad(composed)(np.array(t))),
        "forward": float(tangent),
    }


def f_of_two(x: Any) -> Any:
    """x1^2 x2 + sin(x2)."""
    return x[0] ** 2 * x[1] + sin(x[1])


def x_of_u(u: Any) -> Any:
    """(u1 u2, u1 - u2^2)."""
    return autograd.stack([u[0] * u[1], u[0] - u[1] ** 2])


def u_of_t(t: Any) -> Any:
    """(cos t, t^2)."""
    return autograd.stack([cos(t), t**2])


def three_links(t: float) -> list[np.ndarray]:
    """The Jacobians of f(x(u(t))): a row of two, a 2 by 2 matrix, a column of two."""
    u = u_of_t(np.array(t))
    x = x_of_u(u)
    by = autograd.jacobian
    return [by(f_of_two)(x), by(x_of_u)(u), by(u_of_t)(np.array(t))]


def record(t: float) -> dict[str, Value]:
    """f(x(t)) in scalars, one operation a line, gradients filled in."""
    v = {"t": Value(t)}
    v["x1"] = 2 * v["t"]
    v["t^2"] = v["t"] ** 2
    v["x2"] = 1 - v["t^2"]
    v["x3"] = v["t"].exp()
    v["x1^3"] = v["x1"] ** 3
    v["cos x2"] = v["x2"].cos()
    v["e^x3"] = v["x3"].exp()
    v["product"] = v["x1^3"] * v["cos x2"]
    v["f"] = v["product"] * v["e^x3"]
    v["f"].backward()
    return v


def local_derivatives(value: Value) -> str:
    """The derivatives by the operands that an operation was recorded with."""
    return ", ".join(f"{factor:+.4f}" for factor in value.factors if factor is not None)


def draw(path: Path) -> None:
    """f(x(t)) and its derivative over a range of t, with the tangent the derivative gives."""
    t = np.linspace(-2.2, 0.9, 249)
    values = f(x_of_t(t))
    slopes = np.array([four_ways(s)["forward"] for s in t])
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    left.plot(t, values, color="tab:blue")
    for s in (-2.0, -1.1, 0.6):
        y, slope = f(x_of_t(np.array(s))), four_ways(s)["direct"]
        near = np.array([s - 0.25, s + 0.25])
        left.plot(near, y + slope * (near - s), color="tab:orange", linewidth=2)
        left.plot(s, y, "o", color="tab:orange")
    left.set(title="f(x(t)) with three tangents", xlabel="t", ylabel="f")
    right.plot(t, slopes, color="tab:orange", label="engine, forward mode")
    right.plot(t[::12], [direct(s) for s in t[::12]], "k.", label="by hand")
    right.set(title="df/dt", xlabel="t")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    plotting.save(figure, path)


def main(out: Path) -> None:
    """Four equal numbers; the factors; a longer chain."""
    print("f = x1^3 cos(x2) e^(x3) with x1 = 2 t, x2 = 1 - t^2, x3 = e^t. df/dt four ways:")
    print("      t  " + "".join(f"{name:>24}" for name in four_ways(0.0)))
    for t in TIMES:
        print(f"  {t:5.2f}  " + "".join(f"{d:24.16g}" for d in four_ways(t).values()))

    print("\nThe product of Jacobians adds up the ways by which t reaches f. At t = 0.5:")
    row, column = jacobians(0.5)
    point = x_of_t(np.array(0.5))
    print(f"  df/dx by formula {row}")
    print(f"        by engine  {autograd.jacobian(f)(point)}")
    print(f"  dx/dt by formula {column}")
    print(f"        by engine  {autograd.jacobian(x_of_t)(np.array(0.5))}")
    print(f"  products {row * column}, sum {row @ column:.15f}")

    print("\nAt t = 0.5 each operation knows its local derivatives; the engine multiplies them")
    print("along each way from f back to t, and adds up the ways:")
    recorded = record(0.5)
    for name, value in recorded.items():
        local = local_derivatives(value)
        print(
            f"  {name:7} = {value.data:9.6f}   df/d({name:7}) = {value.grad:+10.6f}   local {local}"
        )
        value.label = name
    picture = autograd.draw(recorded["f"], direction="TB", show=("data", "grad", "derivatives"))
    file = picture.save(out / "graph.svg")
    print(f"written: {file}")

    print("\nA longer chain: f(x(u(t))) with f = x1^2 x2 + sin x2, x = (u1 u2, u1 - u2^2) and")
    print("u = (cos t, t^2), at t = 0.7. Its Jacobians:")
    links = three_links(0.7)
    for name, link in zip(("df/dx", "dx/du", "du/dt"), links, strict=True):
        print(f"  {name} = {str(link).replace(chr(10), chr(10) + ' ' * 10)}")
    product = links[0] @ links[1] @ links[2]
    whole = autograd.grad(lambda t: f_of_two(x_of_u(u_of_t(t))))(np.array(0.7))
    print(f"  their product {product:.15f}")
    print(f"  by the engine {float(whole):.15f}")
    draw(out / "derivative.png")

"""Derivatives of derivatives: Newton's method, a Taylor series, and motion from a Lagrangian."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np

from autograd import cos, exp, grad, hessian, jacobian, sin

from . import higher_pictures as pictures

GRAVITY = 9.81
"""Metres per second squared; the pendulums have rods of 1 m and weights of 1 kg."""

Lagrangian = Callable[[Any, Any], Any]


def valley(p: Any) -> Any:
    """Rosenbrock's function: a bent valley with its floor at (1, 1)."""
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def newton(start: np.ndarray, steps: int = 6) -> list[np.ndarray]:
    """Go where the second-order model of the function has its minimum, again and again."""
    path = [start]
    for _ in range(steps):
        p = path[-1]
        path.append(p - np.linalg.solve(hessian(valley)(p), grad(valley)(p)))
    return path


def descent(start: np.ndarray, steps: int = 2000, rate: float = 0.001) -> list[np.ndarray]:
    """Go down the slope."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - rate * grad(valley)(path[-1]))
    return path


def wave(x: Any) -> Any:
    """e^(sin x)."""
    return exp(sin(x))


def taylor(f: Callable[[Any], Any], x: float, order: int) -> list[float]:
    """The coefficients of f around x: the n-th derivative, by grad applied n times, over n!."""
    coefficients = []
    for n in range(order + 1):
        coefficients.append(float(f(x)) / factorial(n))
        f = grad(f)
    return coefficients


def pendulum(angle: Any, speed: Any) -> Any:
    """Kinetic minus potential energy of one weight on a rod."""
    return (speed[0] ** 2) / 2 + GRAVITY * cos(angle[0])


def double_pendulum(angle: Any, speed: Any) -> Any:
    """The same for a second pendulum hanging from the first."""
    together = speed[0] * speed[1] * cos(angle[0] - angle[1])
    kinetic = speed[0] ** 2 + speed[1] ** 2 / 2 + together
    return kinetic + GRAVITY * (2 * cos(angle[0]) + cos(angle[1]))


def acceleration(lagrangian: Lagrangian, q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Euler and Lagrange, d/dt dL/dv = dL/dq, solved for dv/dt.

    The total time derivative on the left is (d2L/dv2) dv/dt + (d2L/dv dq) v.
    """
    by_speed = grad(lagrangian, 1)
    mixed = jacobian(by_speed, 0)(q, v)
    a: np.ndarray = np.linalg.solve(
        hessian(lagrangian, 1)(q, v), grad(lagrangian, 0)(q, v) - mixed @ v
    )
    return a


def energy(lagrangian: Lagrangian, q: np.ndarray, v: np.ndarray) -> float:
    """v dL/dv - L, which the motion keeps."""
    return float(v @ grad(lagrangian, 1)(q, v) - lagrangian(q, v))


def simulate(lagrangian: Lagrangian, q: Any, dt: float, steps: int) -> tuple[Any, Any]:
    """The motion from rest by Runge and Kutta's rule: positions and speeds (steps + 1, n)."""
    state = np.array([q, np.zeros(len(q))])
    states = [state]

    def rate(s: np.ndarray) -> np.ndarray:
        return np.array([s[1], acceleration(lagrangian, *s)])

    for _ in range(steps):
        k1 = rate(state)
        k2 = rate(state + dt / 2 * k1)
        k3 = rate(state + dt / 2 * k2)
        k4 = rate(state + dt * k3)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states.append(state)
    return np.array(states)[:, 0], np.array(states)[:, 1]


def measured_period(angles: np.ndarray, dt: float) -> float:
    """Four times the time from rest to the first passage through 0."""
    i = int(np.flatnonzero(angles < 0)[0])
    near = np.arange(i - 2, i + 2)  # time as a cubic of the angle, through four samples
    return float(4 * dt * np.polyval(np.polyfit(angles[near], near, 3), 0.0))


def exact_period(amplitude: float) -> float:
    """2 pi sqrt(1/g) over the arithmetic-geometric mean of 1 and cos(amplitude / 2); Gauss."""
    a, b = 1.0, np.cos(amplitude / 2)
    while abs(a - b) > 1e-15:
        a, b = (a + b) / 2, np.sqrt(a * b)
    return float(2 * np.pi / np.sqrt(GRAVITY) / a)


def main(out: Path) -> None:
    """Newton, Taylor, Lagrange."""
    print("Newton's method on (1 - x)^2 + 100 (y - x^2)^2 from (-1.2, 1), by grad and hessian:")
    start = np.array([-1.2, 1.0])
    ways = {"2000 steps of descent": descent(start), "6 steps of Newton": newton(start)}
    for i, (x, y) in enumerate(ways["6 steps of Newton"]):
        print(f"  after {i} steps: x {x:+.9f}, y {y:+.9f}, f = {valley((x, y)):.6e}")
    x, y = ways["2000 steps of descent"][-1]
    print(f"  2000 steps of descent end at x {x:+.9f}, y {y:+.9f}, f = {valley((x, y)):.6e}")
    pictures.draw_ways(valley, ways, out / "newton.png")

    print("\nThe Taylor series of e^(sin x) at 0 by grad, applied up to ten times over:")
    coefficients = taylor(wave, 0.0, 10)
    print("  " + ", ".join(f"{c:.9g}" for c in coefficients))
    print("  which are 1, 1, 1/2, 0, -1/8, -1/15, -1/240, 1/90, 31/5760, 1/5670, -2951/3628800")
    pictures.draw_taylor(wave, coefficients, out / "taylor.png")

    print("\nA pendulum, given only its kinetic minus its potential energy L. Where Euler and")
    print("Lagrange need second derivatives of L, the engine has them. Swings from rest at 2 rad:")
    dt = 0.01
    angles, _ = simulate(pendulum, [2.0], dt, 90)
    print(f"  period by simulation {measured_period(angles[:, 0], dt):.9f} s")
    print(f"  period by Gauss      {exact_period(2.0):.9f} s")

    print("\nTwo pendulums in a chain, from rest at (1, 2) rad: the same lines of code.")
    angles, speeds = simulate(double_pendulum, [1.0, 2.0], dt, 1000)
    energies = np.array([energy(double_pendulum, *s) for s in zip(angles, speeds, strict=True)])
    for i in (0, 250, 500, 1000):
        first, second = angles[i]
        print(f"  at {i * dt:4.1f} s: {first:+.6f}, {second:+.6f} rad; energy {energies[i]:.6f} J")
    pictures.draw_pendulum(angles, energies, dt, out / "pendulum.png")

"""Threads: what records is each thread's own; passes over different graphs do not meet."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from autograd import Tensor, Value, detect_anomaly, gradients, no_grad

from .helpers import leaf


def test_no_grad_holds_in_its_own_thread_only() -> None:
    x = leaf([1.0])
    entered, looked = threading.Event(), threading.Event()
    records: dict[str, bool] = {}

    def without() -> None:
        with no_grad():
            entered.set()
            assert looked.wait(10)
            records["inside"] = (x * 2).requires_grad

    def beside() -> None:
        assert entered.wait(10)
        records["beside"] = (x * 2).requires_grad
        looked.set()

    threads = [threading.Thread(target=f) for f in (without, beside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records == {"inside": False, "beside": True}


def test_a_new_thread_records_though_its_parent_does_not() -> None:
    x = leaf([1.0])
    with no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (x * 2).requires_grad).result()
        assert not (x * 2).requires_grad


def test_debugging_mode_in_one_thread_slows_no_other() -> None:
    x = leaf([1.0])
    with detect_anomaly(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (x * x)._node.watch).result() is None


def test_concurrent_backward_passes() -> None:
    """Each thread trains a model of its own; all must end where one alone ends."""

    def train(seed: int) -> list[float]:
        rng = np.random.default_rng(seed)
        w, data = leaf(rng.normal(size=(8, 4))), rng.normal(size=(16, 8))
        for _ in range(50):
            loss = ((data @ w).tanh() ** 2).mean(axis=0).sum()
            loss.backward()
            with no_grad():
                w -= 0.1 * w.grad
            w.grad = None
        result: list[float] = w.numpy().ravel().tolist()
        return result

    alone = [train(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(train, range(8)))
    assert together == alone


def test_concurrent_passes_over_shared_leaves() -> None:
    w = leaf(np.linspace(0, 1, 50))

    def slope(k: int) -> list[float]:
        found: list[float] = []
        for _ in range(50):
            found = gradients((w**k).sum(), w)[0].tolist()
        return found

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(slope, range(1, 7)))
    assert found == [slope(k) for k in range(1, 7)]


def test_concurrent_passes_over_values() -> None:
    def slope(n: int) -> float:
        x = Value(1.0)
        y = x
        for _ in range(2000):
            y = y + x * 0.5
        y.backward()
        return x.grad

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(slope, range(6))) == [1001.0] * 6


def test_a_graph_made_in_one_thread_is_differentiated_in_another() -> None:
    x: Tensor = leaf([1.0, 2.0])
    y = (x * x).sum()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(y.backward).result()
    assert x.grad.tolist() == [2.0, 4.0]

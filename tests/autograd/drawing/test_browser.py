"""The HTML page in a real browser: stepping, search, pan and zoom, details, and hostile labels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Drawing, Value, draw
from tests.browser import Browser, find

from .test_page import HOSTILE

PROGRAM = find()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium is installed: apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PROGRAM is not None
    with Browser(PROGRAM, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


class Page:
    """What a user sees of a drawing, and does with it."""

    def __init__(self, browser: Browser, drawing: Drawing, folder: Path) -> None:
        self.browser = browser
        browser.open(drawing.save(folder / "graph.html"))

    def text(self, selector: str) -> str:
        return str(self.browser.run(f"document.querySelector({selector!r}).textContent"))

    def count(self, selector: str) -> int:
        return int(self.browser.run(f"document.querySelectorAll({selector!r}).length"))

    def visible(self, selector: str) -> list[str]:
        """The texts of what is not hidden."""
        return list(
            self.browser.run(
                f"[...document.querySelectorAll({selector!r})]"
                ".filter(e => getComputedStyle(e).visibility !== 'hidden').map(e => e.textContent)"
            )
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.press(key, text="\r" if key == "Enter" else "")

    def centre(self, selector: str) -> tuple[float, float]:
        x, y = self.browser.run(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        return x, y

    def click(self, selector: str) -> None:
        self.browser.click(*self.centre(selector))

    def transform(self) -> str:
        return str(self.browser.run("document.getElementById('world').getAttribute('transform')"))


def product(a: Value, b: Value) -> Value:
    e = a * b
    return e.tanh()


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    page = Page(browser, draw(product, Value(0.5), Value(-2.0)), tmp_path)
    yield page
    assert browser.complaints == []


def test_everything_is_there_at_first(page: Page) -> None:
    assert page.count(".item") == 4
    assert page.count(".edge") == 3
    assert len(page.visible(".grad")) == 4
    assert page.text("#status") == "after the forward and the backward pass"


def test_values_and_gradients_fill_in_step_by_step(page: Page) -> None:
    seen = []
    page.press("Home")
    for _ in range(7):
        seen.append((len(page.visible(".data")), len(page.visible(".grad"))))
        page.press("ArrowRight")
    # a and b are given, two steps forward, the seed, two steps backward, the end
    assert seen == [(2, 0), (3, 0), (4, 0), (4, 1), (4, 2), (4, 4), (4, 4)]


def test_the_current_node_is_highlighted_and_named(page: Page) -> None:
    page.press("Home", "ArrowRight")
    assert page.text(".item.current .operation") == "*"
    assert page.count(".edge.current") == 2
    assert page.text("#status") == "forward 1 of 2: *, data -1.0000"
    page.press("ArrowRight", "ArrowRight", "ArrowRight")
    assert page.text(".item.current .operation") == "tanh"
    assert page.text("#status") == "backward 1 of 2: tanh;  1.0000 × 0.4200 to *"
    page.press("ArrowLeft")
    assert page.count(".item.current") == 0
    assert page.text("#status") == "backward starts: the outputs' gradient is 1"


def test_play_runs_to_the_end_and_pauses(page: Page) -> None:
    page.press(" ")
    assert page.text("#play") == "‖ pause"
    page.press(" ")
    assert page.text("#play") == "▶ play"
    page.press(" ")
    deadline = time.monotonic() + 30
    while page.text("#play") != "▶ play" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert page.text("#status") == "after the forward and the backward pass"


def test_buttons_and_slider(page: Page) -> None:
    page.click("#first")
    page.click("#next")
    assert page.text("#status").startswith("forward 1 of 2")
    page.click("#back")
    assert page.text("#status").startswith("before the first step")
    page.click("#last")
    page.browser.run(
        "(() => { const s = document.getElementById('slider'); s.value = 2;"
        "s.dispatchEvent(new Event('input')); })()"
    )
    assert page.text("#status").startswith("forward 2 of 2")


def test_a_click_shows_data_gradient_and_source(page: Page) -> None:
    page.click('[data-item="2"]')
    facts = page.text("#facts")
    assert page.text("#name") == "*"
    assert "data-1.0" in facts
    assert "gradient0.419" in facts
    assert "e = a * b" in facts
    assert "local derivative -2.0000" in facts
    page.click("#facts .link")  # to the operand a
    assert page.text("#name") == "a"
    page.press("Escape")
    assert page.browser.run("document.getElementById('panel').hidden") is True


def test_details_do_not_tell_what_is_not_computed_yet(page: Page) -> None:
    page.click('[data-item="2"]')
    page.press("Home")
    assert page.text("#facts").count("not computed yet") == 2


def test_search_finds_fades_and_goes_there(page: Page) -> None:
    page.press("/", *"tan")
    assert page.text("#found") == "1 found"
    assert page.text(".item.hit .operation") == "tanh"
    assert page.count(".faded") == 1
    page.press("Enter")
    assert page.text("#name") == "tanh"
    page.press("Escape")
    assert page.count(".hit") == 0
    page.press("/", *"zebra")
    assert page.text("#found") == "nothing found"


def test_pan_and_zoom(page: Page) -> None:
    start = page.transform()
    x, y = page.centre("#picture")
    page.browser.mouse("mousePressed", x, y + 150, button="left", clickCount=1)
    page.browser.mouse("mouseMoved", x + 50, y + 180, button="left", buttons=1)
    page.browser.mouse("mouseReleased", x + 50, y + 180, button="left", clickCount=1)
    moved = page.transform()
    assert moved != start
    page.browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
    zoomed = page.transform()
    assert float(zoomed.split("scale(")[1][:-1]) > float(moved.split("scale(")[1][:-1])
    page.press("0")
    assert page.transform() == start
    page.press("+", "-")
    assert page.transform() == pytest.approx(start) or page.transform() != zoomed


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_themes_and_module_boxes(theme: str, browser: Browser, tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    page = Page(browser, draw(model, np.ones((2, 3), np.float32), theme=theme), tmp_path)
    assert page.count(".scope") == 4
    colour = browser.run("getComputedStyle(document.body).backgroundColor")
    assert colour == ("rgb(17, 21, 28)" if theme == "dark" else "rgb(255, 255, 255)")
    assert browser.complaints == []


def test_hostile_labels_stay_text(browser: Browser, tmp_path: Path) -> None:
    total: Any = Value(0.0)
    for label in HOSTILE:
        total = total + Value(1.0, label=label)
    page = Page(browser, draw(total), tmp_path)
    page.press("Home", "ArrowRight")
    for selector in ('[data-item="1"]', '[data-item="3"]'):
        page.click(selector)
    assert browser.run("typeof window.hacked") == "undefined"
    assert page.count("#picture img, #panel img, #picture script") == 0
    assert any("<img src=x" in text for text in page.visible(".name"))
    assert browser.complaints == []


def hostile_line(x: Value) -> Value:
    return x.exp()  # </script><img src=x onerror="window.hacked = 1">


def test_a_hostile_source_line_stays_text(browser: Browser, tmp_path: Path) -> None:
    page = Page(browser, draw(hostile_line, Value(1.0)), tmp_path)
    page.click('[data-item="1"]')
    assert '<img src=x onerror="window.hacked = 1">' in page.text("#facts")
    assert browser.run("typeof window.hacked") == "undefined"
    assert browser.complaints == []


def test_two_thousand_nodes(browser: Browser, tmp_path: Path) -> None:
    x = leaf = Value(0.5, label="w")
    for _ in range(1000):
        x = (x * leaf).tanh()
    page = Page(browser, draw(x, max_nodes=None), tmp_path)
    assert page.count(".item") == 3000  # 2000 results, and the leaf at its 1000 uses
    page.press("Home", "ArrowRight")
    assert page.text("#status").startswith("forward 1 of 2000")

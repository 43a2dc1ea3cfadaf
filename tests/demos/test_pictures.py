"""The gallery: every picture is made, and the page shows each with its source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demos import pictures

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    pictures.main(folder)
    return folder


def test_every_link_of_the_page_leads_to_a_picture(folder: Path) -> None:
    links = re.findall(r"\]\((gallery/[^)]*)\)", (folder / "gallery.md").read_text())
    assert len(links) == len(pictures.GRAPHS) + len(pictures.PLOTS)
    assert {str(path.relative_to(folder)) for path in (folder / "gallery").iterdir()} == set(links)
    for link in links:
        assert (folder / link).stat().st_size > 1000


def test_the_gallery_in_the_checkout_is_of_this_lesson(folder: Path) -> None:
    assert (ROOT / "docs" / "gallery.md").read_text() == (folder / "gallery.md").read_text()


def test_the_page_shows_sources_and_the_chain_rule(folder: Path) -> None:
    page = (folder / "gallery.md").read_text()
    assert page.count("```python") == len(pictures.GRAPHS) + len(pictures.PLOTS) + 1
    assert "dy/dx = 0.5000 + 3.0000 + 3.0000 = 6.5000" in page

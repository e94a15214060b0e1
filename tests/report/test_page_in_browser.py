"""The page as a reader has it: in Chromium, by mouse and by keyboard, on a desk and on a phone, light and dark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from browser import Browser
from PIL import Image

from monai_seg.report.write_report import write_report

DESK, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def page(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, _ = write_report(untrained, tmp_path_factory.mktemp("page") / "report.html", cases=3)
    return path


@pytest.fixture
def shown(browser: Browser, page: Path) -> Browser:
    browser.resize(*DESK)
    browser.requests()
    browser.console()
    browser.open(page)
    return browser


def views(browser: Browser) -> list[str]:
    """The layers that are seen in each case: the display of its images, and not what a button says."""
    return browser.run("""
        return [...document.querySelectorAll(".case")].map(figure => [...figure.querySelectorAll(".layer")]
            .filter(image => getComputedStyle(image).display !== "none").map(image => image.classList[1]).join())""")


def test_nothing_is_asked_for_and_nothing_complained_about(shown: Browser, page: Path):
    assert shown.console() == []
    assert shown.requests() == [page.absolute().as_uri()]
    assert shown.run("return [...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_the_page_cannot_be_made_to_ask(shown: Browser, page: Path):
    """The guard itself: a request that is tried is refused by the page's own policy, and is seen by this test."""
    shown.run("const image = new Image(); image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image)")
    shown.run("return new Promise(done => setTimeout(done, 0))")
    assert any("Content Security Policy" in line for line in shown.console())


def test_a_click_shows_the_next_view_of_one_case(shown: Browser):
    assert set(views(shown)) == {"errors"}
    seen = []
    for _ in range(4):
        shown.click(".case .stack")
        seen.append(views(shown))
    assert [of_page[0] for of_page in seen] == ["", "truth", "prediction", "errors"]
    assert {view for of_page in seen for view in of_page[1:]} == {"errors"}, "the others stay"


def test_buttons_choose_for_one_and_for_all(shown: Browser):
    shown.click('.case input[value="truth"]')
    assert views(shown)[0] == "truth" and set(views(shown)[1:]) == {"errors"}
    shown.click('.all input[value="prediction"]')
    assert set(views(shown)) == {"prediction"}


def test_keys_choose_for_all_and_for_the_one_with_the_focus(shown: Browser):
    for key, view in zip("1234", ("", "truth", "prediction", "errors"), strict=True):
        shown.press(key)
        assert set(views(shown)) == {view}
        assert shown.run('return document.querySelector(".all input:checked").value') == (view or "image")
    shown.run('document.querySelector(".case input:checked").focus()')
    shown.press("2")
    assert views(shown)[0] == "truth" and set(views(shown)[1:]) == {"errors"}
    shown.press("ArrowRight")
    assert views(shown)[0] == "prediction", "arrows walk through the views, from the one that the key chose"
    assert set(views(shown)[1:]) == {"errors"}


def test_tab_reaches_links_tables_and_cases(shown: Browser):
    reached = []
    for _ in range(40):
        shown.press("Tab")
        reached.append(shown.run("const it = document.activeElement; return it.tagName + ' ' + (it.name || it.href)"))
    reached = [stop for stop in reached if not stop.startswith("BODY")]  # between the last stop and the first
    assert reached[0].startswith("A") and reached[0].endswith("#content"), "first of all: skip to the content"
    assert any(stop.startswith("INPUT all") for stop in reached)
    place = reached.index("INPUT case1")
    assert reached[place + 1] != "INPUT case1", "one stop for the views of a case"


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_nothing_is_wider_than_the_screen(shown: Browser, size: tuple[int, int], tmp_path: Path):
    shown.resize(*size)
    assert shown.run("return document.documentElement.scrollWidth") == size[0]
    shown.screenshot(tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == size
        assert len(np.unique(np.asarray(picture.convert("L")))) > 50, "something is drawn"


def test_dark_screens_get_a_dark_page(shown: Browser, tmp_path: Path):
    means = {}
    for scheme in ("light", "dark"):
        shown.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        shown.screenshot(tmp_path / f"{scheme}.png")
        with Image.open(tmp_path / f"{scheme}.png") as picture:
            means[scheme] = float(np.asarray(picture.convert("L")).mean())
    shown.devtools("Emulation.setEmulatedMedia", features=[])
    assert means["dark"] < 60 and means["light"] > 200


def test_it_works_without_a_script(browser: Browser, page: Path, tmp_path: Path):
    html = page.read_text()
    plain = tmp_path / "plain.html"
    plain.write_text(html[: html.rindex("<script>")] + html[html.rindex("</script>") + 9 :])
    browser.resize(*DESK)
    browser.open(plain)
    browser.click('.case input[value="truth"]')
    assert views(browser)[0] == "truth"

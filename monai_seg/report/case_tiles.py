"""Cases as figures of a page, whose view (image, truth, prediction, errors) is chosen by radio buttons.

Radio buttons work by keyboard and without a script; the script of the page adds a click on the picture and keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import count
from pathlib import PurePath

from monai_seg.figures.page import data_uri
from monai_seg.figures.palette import OKABE_ITO, Colour
from monai_seg.report.case_pictures import CasePictures

VIEWS = ("image", "truth", "prediction", "errors")


class Tiles:
    """Makes figures whose names do not meet; ``first`` is the view that a page opens with."""

    def __init__(self, first: str = "errors") -> None:
        self.first = first
        self._numbers = count(1)

    def tile(self, title: str, text: str, pictures: CasePictures | None, mark: str = "") -> str:
        """Return a case as a figure.

        Args:
            title: name of the case, in full as its tooltip.
            text: what to say about it.
            pictures: of it, None where there is none.
            mark: in what it failed.
        """
        name = f"case{next(self._numbers)}"
        short = PurePath(title).name
        said = f'<span class="error">{escape(mark)}</span> ' if mark else ""
        caption = f'<figcaption><b title="{escape(title)}">{escape(short)}</b>{said}{escape(text)}</figcaption>'
        if pictures is None:
            return f'<figure class="case"><div class="stack none">no picture</div>{caption}</figure>'
        if pictures.warning:
            caption = caption.replace("</figcaption>", f'<br><span class="warning">{escape(pictures.warning)}</span>'
                                      "</figcaption>")
        layers = {view: picture for view, picture in zip(VIEWS[1:], pictures[1:4], strict=True) if picture is not None}
        base = (f'<img class="base" src="{data_uri(pictures.image, "jpeg")}" '
                f'alt="{escape(f"{short}: {mark} {text}")}">')
        over = "".join(f'<img class="layer {view}" src="{data_uri(picture)}" alt="">'
                       for view, picture in layers.items())
        switch = self.switch(name, f"view of {short}", ["image", *layers]) if layers else ""
        return f'<figure class="case"><div class="stack">{base}{over}</div>{switch}{caption}</figure>'

    def switch(self, name: str, legend: str, views: Sequence[str] = VIEWS) -> str:
        """Return the radio buttons of one case, or of all."""
        buttons = "".join(
            f'<label><input type="radio" name="{name}" value="{view}"{" checked" * (view == self.first)}>'
            f"<span>{view}</span></label>" for view in views)
        return f'<fieldset class="views"><legend class="hidden">{escape(legend)}</legend>{buttons}</fieldset>'


def tool_bar(tiles: Tiles, class_names: Sequence[str], classes: int) -> str:
    """Return the buttons for all cases at once, and the meaning of the colours."""
    names = [*class_names, *(f"class {number}" for number in range(len(class_names), classes))]
    keys: list[tuple[str, Colour]] = [(names[number], OKABE_ITO.of_class(number)) for number in range(1, classes)]
    keys += [("hit", OKABE_ITO.hit), ("missed", OKABE_ITO.missed), ("false", OKABE_ITO.false)]
    keys += [("wrong class", OKABE_ITO.confused)] if classes > 2 else []
    legend = "".join('<span class="key"><i style="background:#{:02x}{:02x}{:02x}"></i>'.format(*colour)
                     + f"{escape(name)}</span>" for name, colour in keys)
    return (f'<div class="tools"><div class="all">{tiles.switch("all", "view of all cases")}'
            '<label class="large"><input type="checkbox" id="large"> large</label></div>'
            f'<div class="keys">{legend}</div></div>'
            '<p class="soft">Click on a picture for its next view. Keys <kbd>1</kbd> to <kbd>4</kbd> choose the view '
            "of all cases, or of the one that has the focus; arrow keys walk through the views of that one.</p>")

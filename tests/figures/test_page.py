from __future__ import annotations

import base64
import hashlib
import re

from monai_seg.figures.page import Section, data_uri, render_frame


def test_the_page_allows_its_own_script_alone():
    html = render_frame("t", "h", "s", [], [], script="let a = 1 < 2;")
    script = re.search(r"<script>(.*?)</script>", html, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'" in html
    assert "script-src" not in render_frame("t", "h", "s", [], [])


def test_text_is_escaped_and_empty_sections_are_left_out():
    html = render_frame("<t>", "a & b", "<s>", [("ok", "1 < 2")],
                        [Section("one", "One & two", "<p>body</p>"), Section("none", "Nothing", "")])
    assert "<title>&lt;t&gt;</title>" in html and "<h1>a &amp; b</h1>" in html and "1 &lt; 2" in html
    assert '<a href="#one">One &amp; two</a>' in html and "<p>body</p>" in html
    assert "Nothing" not in html


def test_a_picture_is_its_own_address():
    assert data_uri(b"abc", "jpeg") == "data:image/jpeg;base64,YWJj"

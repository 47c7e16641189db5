"""The report in a real browser: on screen, on paper, in the dark, on a narrow screen, offline.

Needs `chromium` and poppler (`pdfinfo`, `pdftotext`) on the path.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from scalegate.report.html import render_html
from scalegate.report.style import DARK, LIGHT
from tests.strategies.report_case import report_case

pytestmark = pytest.mark.services

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    for program in ("chromium", "pdfinfo", "pdftotext"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    path = tmp_path / "report.html"
    path.write_text(render_html(report_case().report()), encoding="utf-8")
    return path


def browse(page: Path, *flags: str) -> str:
    """Open a page in a fresh profile; return what the browser logged."""
    profile = page.parent / "profile"
    done = subprocess.run(
        ["chromium", *FLAGS, f"--user-data-dir={profile}", "--enable-logging=stderr", *flags,
         page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    shutil.rmtree(profile, ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


def printed(page: Path) -> tuple[int, str, str]:
    pdf = page.with_suffix(".pdf")
    browse(page, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    facts = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    text = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = re.search(r"Pages:\s+(\d+)", facts)
    assert pages
    return int(pages[1]), facts, " ".join(text.split())


def pixels(png: Path) -> tuple[int, int, bytes]:
    """Read an 8-bit RGB or RGBA PNG without interlace; return width, height and RGB of row 2."""
    content = png.read_bytes()
    width, height, depth, colour = struct.unpack(">IIBB", content[16:26])
    assert depth == 8
    channels = {2: 3, 6: 4}[colour]
    body, place = b"", 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        body += content[place + 8 : place + 8 + size] if kind == b"IDAT" else b""
        place += 12 + size
    raw = zlib.decompress(body)
    stride = width * channels + 1
    # The last row is page ground from edge to edge; filters None, Sub and Up keep its first pixel
    # readable once the rows above are undone, so undo them all.
    previous = bytearray(width * channels)
    for row in range(height):
        line = bytearray(raw[row * stride + 1 : (row + 1) * stride])
        undo(raw[row * stride], line, previous, channels)
        previous = line
    return width, height, bytes(previous[:3])


def undo(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        up, corner = above[at], above[at - step] if at >= step else 0
        if kind == 1:
            line[at] = (line[at] + left) & 255
        elif kind == 2:
            line[at] = (line[at] + up) & 255
        elif kind == 3:
            line[at] = (line[at] + (left + up) // 2) & 255
        elif kind == 4:
            guess = left + up - corner
            near = min((left, up, corner), key=lambda each: abs(guess - each))
            line[at] = (line[at] + near) & 255


def test_the_page_prints_on_a4_with_everything_unfolded(page: Path) -> None:
    count, facts, text = printed(page)
    assert 4 <= count <= 40
    assert "A4" in facts
    assert f"1 / {count}" in text
    # Folded on screen, shown on paper: a threshold's test, a leaf of a why, the encoder's notes.
    for folded in ("Test in the text:", "no evidence on record", "Notes of the encoder",
                   "bound to this line because", "https://example.org/policy.pdf"):  # fmt: skip
        assert folded in text, folded
    assert "Skip to the content" not in text


def test_the_page_logs_no_error_and_asks_the_network_for_nothing(page: Path) -> None:
    record = page.parent / "net.json"
    log = browse(page, "--dump-dom", f"--log-net-log={record}")
    assert "CONSOLE" not in log
    events = json.loads(record.read_text(encoding="utf-8"))
    asked = {event["params"]["url"] for event in events["events"]
             if isinstance(event.get("params"), dict) and "url" in event["params"]}  # fmt: skip
    assert not [url for url in asked if "example" in url]


@pytest.mark.parametrize(
    ("dark", "width"), [(False, 1200), (True, 1200), (False, 400)], ids=["light", "dark", "narrow"]
)
def test_the_page_is_drawn_in_the_scheme_asked_for(page: Path, dark: bool, width: int) -> None:
    picture = page.with_suffix(".png")
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    browse(page, scheme, f"--window-size={width},900", f"--screenshot={picture}")
    shown_width, _, colour = pixels(picture)
    assert shown_width == width
    ground = (DARK if dark else LIGHT)["page"]
    assert colour == bytes.fromhex(ground[1:])


def test_a_narrow_page_does_not_scroll_sideways(page: Path) -> None:
    probe = page.with_name("probe.html")
    text = page.read_text(encoding="utf-8")
    script = "<script>document.title = document.documentElement.scrollWidth</script></body>"
    probe.write_text(text.replace("</body>", script), encoding="utf-8")
    dumped = page.with_name("dom.txt")
    profile = page.parent / "profile"
    done = subprocess.run(
        ["chromium", *FLAGS, f"--user-data-dir={profile}", "--window-size=500,900", "--dump-dom",
         probe.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    dumped.write_text(done.stdout, encoding="utf-8")
    title = re.search(r"<title>(\d+)</title>", done.stdout)
    assert title
    assert int(title[1]) <= 500

"""The page of a difference in a real browser: on screen, in the dark, on paper, offline.

Needs `chromium` and poppler (`pdfinfo`, `pdftotext`) on the path.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scalegate.app.comparing import compare_versions
from scalegate.compare.model import Change
from scalegate.report.difference_html import render_difference
from scalegate.report.style import DARK, LIGHT
from scalegate.wiring import policy_source
from tests.e2e.test_report_in_a_browser import browse, pixels, printed

pytestmark = pytest.mark.services


@pytest.fixture
def page(tmp_path: Path) -> Path:
    for program in ("chromium", "pdfinfo", "pdftotext"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    view = compare_versions("anthropic-rsp@3.2", "anthropic-rsp@3.3", policy_source()).view()
    path = tmp_path / "difference.html"
    path.write_text(render_difference(view, engine="0"), encoding="utf-8")
    return path


@pytest.mark.parametrize(("scheme", "colours"), [(1, LIGHT), (0, DARK)], ids=["light", "dark"])
def test_it_follows_the_colours_of_the_screen(
    page: Path, scheme: int, colours: dict[str, str]
) -> None:
    shot = page.with_suffix(".png")
    asked = f"--blink-settings=preferredColorScheme={scheme}"
    log = browse(page, asked, "--window-size=1000,900", f"--screenshot={shot}")
    assert "CONSOLE" not in log
    _, _, ground = pixels(shot)
    assert f"#{ground.hex()}" == colours["page"]


def test_paper_shows_what_the_screen_folds_away(page: Path) -> None:
    view = compare_versions("anthropic-rsp@3.2", "anthropic-rsp@3.3", policy_source()).view()
    _, _, text = printed(page)
    for change in (Change.LOOSENED, Change.TIGHTENED):
        for each in view.clauses[change]:
            assert each.id in text
            last = each.families[-1].said.instead.replace("`", "")
            assert last[:40] in text

"""The pages of published decisions are what the expectations of the case library record."""

from __future__ import annotations

from scalegate.wiring import case_source
from tests.e2e.replaying import filed
from tools.write_published_decisions import pages


def test_the_pages_are_in_step_with_the_expectations() -> None:
    for path, text in pages(filed(name) for name in case_source().names()).items():
        hint = f"{path.name}: run `python tools/write_published_decisions.py`"
        assert path.is_file(), hint
        assert path.read_text(encoding="utf-8") == text, hint

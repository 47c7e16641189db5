"""Each coverage table fits the policy beside it, and leaves no binding sentence open."""

from __future__ import annotations

import pytest

from scalegate.policy.coverage import Coverage, parse_coverage
from tests.unit.frameworks.rsp_versions import FOLDER, policy_of

TABLES = sorted(path.stem for path in (FOLDER / "coverage").glob("*"))


def table_of(name: str) -> Coverage:
    text = (FOLDER / "coverage" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_coverage(text, policy_of(name), file=f"coverage/{name}.yaml")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_fits_its_policy_and_every_binding_sentence_has_an_answer(name: str) -> None:
    """Reading refuses a dangling element, and an element that no sentence stands behind."""
    table = table_of(name)
    assert table.framework == name
    assert [row.place for row in table.rows if row.binding and not row.is_answered] == []
    assert any(row.encoded for row in table.rows if row.binding)


@pytest.mark.parametrize("name", TABLES)
def test_ordinals_of_a_section_count_from_one_without_a_gap(name: str) -> None:
    """A row that was dropped would leave a gap."""
    found: dict[str, list[int]] = {}
    for row in table_of(name).rows:
        if row.ordinal is not None:
            found.setdefault(row.section, []).append(row.ordinal)
    assert {section: list(range(1, len(each) + 1)) for section, each in found.items()} == found


def test_the_tables_that_are_there() -> None:
    assert "cohere-saifmf@1.0" in TABLES
    assert {f"anthropic-rsp@3.{minor}" for minor in range(5)} <= set(TABLES)
    assert "anthropic-fcf@2" in TABLES
    assert {f"anthropic-rsp@{each}" for each in ("1.0", "2.0", "2.1", "2.2")} <= set(TABLES)


def test_the_tables_of_openai_and_google_deepmind() -> None:
    versions = ("1.0", "2.0", "3.0", "3.1")
    assert {
        "openai-fgf@2026-05",
        "openai-pf@beta",
        "openai-pf@2",
        *(f"gdm-fsf@{each}" for each in versions),
    } <= set(TABLES)


def test_the_tables_of_other_labs() -> None:
    assert {"g42-fasf@2025-02", "magic-agi-readiness@1.0"} <= set(TABLES)
    assert {"nvidia-fara@2025-02", "xai-faif@2026-06", "naver-asf@2.0"} <= set(TABLES)
    assert {"amazon-fmsf@2025-02", "microsoft-fgf@2026-02", "meta-aasf@2"} <= set(TABLES)

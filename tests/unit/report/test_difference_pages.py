"""A comparison as text, Markdown, SARIF and HTML: the same findings, each in its own form."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scalegate.app.comparing import ComparisonResult, compare_versions
from scalegate.cli.main import run
from scalegate.compare.model import Change
from scalegate.report.difference import DifferenceView, PastDecision, PastView
from scalegate.report.difference_html import render_difference
from scalegate.report.difference_markdown import markdown
from scalegate.report.difference_sarif import sarif
from scalegate.report.difference_text import MOST_ELEMENTS, summary, text_lines
from scalegate.wiring import policy_source
from tests.strategies.policies import policy_of
from tests.unit.compare.test_bridge import bridge, entry, renamed
from tests.unit.compare.toy_pairs import row

SCHEMA = Path(__file__).parents[2] / "data" / "sarif" / "sarif-2.1.0-rtm.5.json"
OLD, NEW = "anthropic-rsp@3.2", "anthropic-rsp@3.3"


@cache
def result() -> ComparisonResult:
    return compare_versions(OLD, NEW, policy_source())


@cache
def view() -> DifferenceView:
    return result().view()


@cache
def log() -> dict[str, Any]:
    files, lines = result().places()
    found: dict[str, Any] = sarif(view(), engine="0", files=files, lines=lines)
    return found


def test_each_commitment_stands_once_with_both_citations_and_what_takes_its_place() -> None:
    for change, views in view().clauses.items():
        ids = [each.id for each in views]
        assert len(ids) == len(set(ids))
        for each in views:
            assert each.change is change
            assert each.cite.startswith("RSP 3.2" if change is Change.LOOSENED else "RSP 3.3")
            assert each.heirs
            assert each.count == sum(family.count for family in each.families)
    (off_cycle,) = [
        each for each in view().clauses[Change.LOOSENED] if each.id == "off-cycle-internal"
    ]
    assert off_cycle.certainty == "robustly"
    (general,) = [each for each in view().clauses[Change.LOOSENED] if each.id == "cb-2-plan"]
    assert general.certainty == "possibly"


def test_rows_that_decide_come_before_those_seen_among_weaker_verbs() -> None:
    for views in view().clauses.values():
        weak = [bool(each.strength) for each in views]
        assert weak == sorted(weak)


def test_every_id_that_a_sentence_names_is_explained_once() -> None:
    words = [word.id for word in view().words]
    assert len(words) == len(set(words))
    assert {"company-column", "off-cycle-analysis", "public-model-beyond-report"} <= set(words)
    assert all(word.statement and word.cite for word in view().words)


def test_what_stands_for_a_rest_is_called_by_its_part_and_never_by_a_made_up_id() -> None:
    for text in (*text_lines(view()), markdown(view()), json.dumps(log())):
        assert "-rest" not in text
        assert "--old" not in text
    assert any(
        "`public-model-beyond-report` (beyond the latest Risk Report" in line
        for line in text_lines(view())
    )


def test_the_text_names_rivals_what_is_left_and_how_far_it_reaches() -> None:
    lines = list(text_lines(view()))
    assert lines[0].startswith(f"{OLD} -> {NEW}: incomparable")
    assert any(line.startswith("    rival threshold-clarified, the lab,") for line in lines)
    assert any(line.startswith("      how far: 3.3 would do so with") for line in lines)
    assert "Possibly, only as one-yardstick reads it:" in lines


def test_every_form_says_in_short_what_was_found() -> None:
    lines = list(text_lines(view()))
    short = list(summary(view()))
    counts = {change: len(found) for change, found in view().clauses.items()}
    assert short[0].startswith(f"Looser by {counts[Change.LOOSENED]} commitments of {OLD}")
    assert short[1].startswith(f"Stricter by {counts[Change.TIGHTENED]} commitments of {NEW}")
    assert any("possibly under some (" in line for line in short)
    assert lines.index("In short:") < lines.index(f"  {short[0]}") < len(lines) / 3
    for text in (markdown(view()), render_difference(view(), engine="0")):
        assert all(line in text for line in short)


def test_gates_with_the_same_answers_share_their_lines_and_none_is_left_out() -> None:
    lines = list(text_lines(view()))
    start = next(place for place, line in enumerate(lines) if line.startswith("At the gates"))
    block = lines[start + 1 : lines.index("", start)]
    gates = [gate for line in block if line[2] != " " for gate in line.strip().split(", ")]
    assert sorted(gates) == sorted({row.gate for row in view().gates})
    assert len(block) < len(view().gates)
    internal = next(place for place, line in enumerate(block) if "high-risk" in line)
    assert block[internal + 1] == (
        "    to begin and to go on: possibly looser and stricter in holds; "
        "robustly looser and stricter in obligations"
    )


def test_the_verb_prints_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", OLD, NEW]) == 14
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80


def test_markdown_has_every_family_and_shows_text_as_it_is() -> None:
    text = markdown(view())
    count = sum(len(each.families) for views in view().clauses.values() for each in views)
    assert len(re.findall(r"^- .*\(\d+\):$", text, re.MULTILINE)) == count
    for views in view().clauses.values():
        for each in views:
            assert f"### `{each.id}`" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_the_sarif_log_keeps_to_the_official_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(log())


def test_sarif_takes_the_older_policy_as_the_baseline() -> None:
    results = log()["runs"][0]["results"]
    states = {
        (each["locations"][0]["logicalLocations"][0].get("name"), each["ruleId"]): each
        for each in results
        if each["ruleId"].startswith("commitment-")
    }
    kept = states["off-cycle-internal", "commitment-loosened"]
    assert (kept["baselineState"], kept["level"], kept["kind"]) == ("updated", "warning", "fail")
    place = kept["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "anthropic-rsp@3.2.yaml"
    policy = next(each for each in policy_source().policies() if each.file.startswith(OLD))
    line = policy.text.splitlines()[place["region"]["startLine"] - 1]
    assert line.strip() == "- id: off-cycle-internal"
    assert all(
        (each["level"] == "warning")
        is (each["kind"] == "fail")
        is each["ruleId"].endswith("loosened")
        for each in results
    )
    prints = [each["partialFingerprints"]["scalegate/v1"] for each in results]
    assert len(prints) == len(set(prints))


def toy() -> DifferenceView:
    """Return the difference of two toy policies: one commitment gone, one new, hostile words."""
    from scalegate.compare.crossing import crossing_of
    from scalegate.compare.rivals import under_each
    from scalegate.policy.compile import compile_policy
    from scalegate.report.difference import arranged

    old = policy_of([row(statement="<script>alert(1)</script> | `x`"), row("L", if_={"act": "Q1"})])
    new = renamed(policy_of([row("L", if_={"act": "Q1"}), row("M", require={"safeguard": "G2"})]))
    text = "entries:\n" + entry("commitment", "K") + entry("commitment", "", "M")
    joined = bridge(text, old, new)
    crossing = crossing_of(old, new, joined)
    readings = under_each(compile_policy(old), compile_policy(new), joined)
    return arranged(readings, (old, new), (crossing.old, crossing.new))


def test_a_commitment_without_an_heir_is_absent_and_a_new_one_is_new() -> None:
    found = sarif(toy(), engine="0", files=("a.yaml", "b.yaml"), lines={})
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(found)
    states = {
        each["message"]["text"].partition(":")[0]: each["baselineState"]
        for each in found["runs"][0]["results"]
        if each["ruleId"].startswith("commitment-")
    }
    assert states == {"K": "absent", "M": "new"}
    assert any("nothing stands in its place" in line for line in text_lines(toy()))


class Page(HTMLParser):
    """Collects what a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_whole_by_itself_and_runs_nothing() -> None:
    page = Page(render_difference(view(), engine="0"))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "form", "input"}
    assert not any(key.startswith("on") for _, found in page.tags for key in found)
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    targets = {str(found["href"]) for tag, found in page.tags if tag == "a"}
    inside = {target[1:] for target in targets if target.startswith("#")}
    assert inside <= set(ids)
    assert all(target.startswith("https://") for target in targets if not target.startswith("#"))


def test_the_page_can_be_read_with_a_screen_reader() -> None:
    page = Page(render_difference(view(), engine="0"))
    html = next(found for tag, found in page.tags if tag == "html")
    assert html["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert sum(tag == "table" for tag, _ in page.tags) == sum(
        tag == "caption" for tag, _ in page.tags
    )
    assert all("scope" in found for tag, found in page.tags if tag == "th")
    scrolled = [found for _, found in page.tags if found.get("class") == "scroll"]
    assert all(found.get("tabindex") == "0" and found.get("aria-label") for found in scrolled)


def test_a_direction_is_a_symbol_and_a_word() -> None:
    text = render_difference(view(), engine="0")
    for symbol, word in (("▼", "looser"), ("▲", "stricter"), ("◆", "changed")):
        assert f'aria-hidden="true">{symbol}</span> {word}</span>' in text


def test_hostile_words_of_a_policy_are_shown_and_not_run() -> None:
    page = render_difference(toy(), engine="0")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\\<script\\>alert(1)" in markdown(toy())


def test_the_same_comparison_gives_the_same_bytes() -> None:
    again = compare_versions(OLD, NEW, policy_source()).view()
    assert render_difference(again, engine="0") == render_difference(view(), engine="0")


def test_only_one_result_goes_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", OLD, NEW, "--json", "--md"]) == 2
    assert "one result at a time" in capsys.readouterr().out + capsys.readouterr().err


def test_the_verb_writes_each_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert run(["diff", OLD, NEW, "--sarif", "--html", str(page)]) == 14
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run(["diff", OLD, NEW, "--md", "--fail-on", "never"]) == 0
    assert capsys.readouterr().out.startswith(f"# {OLD} to {NEW}")


def test_without_a_bridge_every_form_says_that_ids_alone_were_matched() -> None:
    bare = replace(view(), bridge=None)
    assert "  no bridge between them: parts are matched by their ids alone" in list(
        text_lines(bare)
    )
    assert "No bridge between them: parts are matched by their ids alone.\n" in markdown(bare)


def test_a_bridge_without_rivals_lists_none() -> None:
    known = view().bridge
    assert known is not None
    alone = replace(view(), bridge=known.model_copy(update={"rivals": ()}))
    assert "rival " not in " ".join(text_lines(alone))
    assert "- Rival" not in markdown(alone)


def test_a_long_list_of_elements_is_cut_on_the_screen_and_whole_in_markdown() -> None:
    (some,) = [found[0] for found in view().elements.values() if found][:1]
    change = next(change for change, found in view().elements.items() if found)
    many = replace(view(), elements={**view().elements, change: (some,) * (MOST_ELEMENTS + 2)})
    assert "  and 2 more; all with --json, --md or --html" in list(text_lines(many))
    assert "more; all with --json" not in markdown(many)


def test_without_words_or_unmatched_parts_their_heads_are_left_out() -> None:
    bare = replace(view(), words=(), unmatched=())
    for text in ("\n".join(text_lines(bare)), markdown(bare)):
        assert "hat the ids stand for" not in text
        assert "Without a match" not in text


def test_a_direction_in_which_nothing_was_found_is_said_and_has_no_section() -> None:
    one_way = replace(view(), clauses={**view().clauses, Change.LOOSENED: ()})
    assert f"Looser by no commitment of {OLD}." in list(summary(one_way))
    assert "loosened commitments" not in markdown(one_way).lower()
    assert any("Looser by no commitment" in line for line in text_lines(one_way))


def test_past_decisions_that_would_differ_have_a_panel_in_markdown_and_on_the_page() -> None:
    past = PastView(
        summary=f"of 2 past decisions, 1 would differ under {NEW}",
        assumption="the lab is taken at its word",
        changed=(
            PastDecision(
                day="2025-05-22",
                case="lab/a|case",
                gate="train",
                then=f"hold under {OLD}",
                here="allow (looser)",
                because=("pause<b>",),
                unknown=("T-9",),
            ),
        ),
    )
    shown = replace(view(), past=past)
    text = markdown(shown)
    assert f"Of 2 past decisions, 1 would differ under {NEW}; the lab is taken at its word." in text
    assert "| 2025-05-22 | lab/a\\|case | train |" in text
    page = render_difference(shown, engine="test")
    assert '<a href="#past">Past decisions</a>' in page
    assert "pause&lt;b&gt;" in page
    assert "nothing is known of T-9" in page
    none = replace(view(), past=replace(past, changed=()))
    assert "Past decisions" in markdown(none)
    assert "| day |" not in markdown(none)
    assert "Past decisions" not in markdown(view())

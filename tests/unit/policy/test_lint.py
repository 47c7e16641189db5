"""Each code of `lint` is given by a small change of a document without findings."""

# ruff: noqa: E501 - documents and tables of cases keep one part a line

from __future__ import annotations

import pytest

from scalegate.base.errors import UnknownName
from scalegate.policy import frontier
from scalegate.policy.codes import CODES, explain
from scalegate.policy.lint import Finding, Severity, lint, lint_text
from scalegate.policy.parse import parse_policy
from tests.unit.policy.toy import TOY, line_of

CITE = 'cite: {document: Toy, section: "3"}'
VERB = "modality: must, native_verb: must"


def row(text: str) -> str:
    """Return the toy with one more row."""
    return TOY.replace(
        "discretions:\n", f"  - {{id: C9, statement: s, {text}, {CITE}}}\ndiscretions:\n"
    )


LINE = (
    "indicators: [{id: quiz, eval: quiz, role: rule_out, measure: proportion, comparator: at_least,"
    ' value: 0.5, unit: share, statement: q, ours: no number, cite: {document: Toy, page: "1"}}, '
)

CHANGED: dict[str, tuple[str, str]] = {
    # the text, and what stands on the line of the finding
    "SG0101": (
        row(f"if: {{all: [{{status: B1, is: crossed}}, {{status: B1, is: ruled_out}}]}}, at: [train], require: {{met: S1}}, otherwise: hold, {VERB}"),
        "id: C9",
    ),
    "SG0102": (row(f"if: {{fact: agentic}}, at: [train], otherwise: hold, {VERB}"), "id: C9"),
    "SG0103": (
        row(f"if: {{status: B1, at_least: crossed}}, at: [train], require: {{any: [{{met: S1}}, {{substitute: interim}}]}}, otherwise: {{level: restrict, limits: {{audience: staff}}}}, {VERB}"),
        "id: C9",
    ),
    "SG0104": (
        row(f"if: {{all: [{{status: B1, at_least: crossed}}, {{fact: agentic}}]}}, at: [train], require: {{any: [{{met: S1}}, {{substitute: interim}}]}}, otherwise: hold, {VERB}"),
        "id: C9",
    ),
    "SG0105": (
        row(f"if: {{fact: agentic}}, at: [train], require: {{all: [{{act: may-ship}}, {{not: {{act: may-ship}}}}]}}, otherwise: hold, {VERB}"),
        "id: C9",
    ),
    "SG0106": (
        row(f"if: {{fact: agentic}}, at: [train], require: {{met: S2}}, otherwise: hold, {VERB}").replace(
            "standards:\n", 'standards:\n  - {id: S2, native: S2, unspecified: true, cite: {document: Toy, page: "2"}}\n'
        ),
        "id: C9",
    ),
    "SG0107": (TOY.replace("modality: will\n", "modality: aim\n    binding: true\n"), "binding: true"),
    "SG0108": (TOY.replace("{level: restrict, limits: {audience: staff}}", "restrict"), "otherwise: restrict"),
    "SG0109": (row(f"if: {{fact: agentic}}, at: [train], require: {{met: S1}}, otherwise: allow, {VERB}"), "id: C9"),
    "SG0201": (
        row(f"at: [train], require: {{fact: agentic}}, otherwise: hold, {VERB}"),
        "id: agentic",
    ),
    "SG0202": (
        row(f"if: {{act: may-ship}}, at: [train], require: {{met: S1}}, otherwise: hold, {VERB}"),
        "id: may-ship",
    ),
    "SG0203": (
        TOY.replace("{rule: treat_as_crossed,", "{rule: determination_required,"),
        "id: B1",
    ),
    "SG0301": (
        TOY.replace("safeguards:\n", '  - {id: C3, native: C3, domain: bio, statement: c, cite: {document: Toy, page: "1"}}\nsafeguards:\n'),
        "id: C3",
    ),
    "SG0302": (
        TOY.replace("standards:\n", '  - {id: wall, native: W, family: response, statement: w, cite: {document: Toy, page: "1"}}\nstandards:\n'),
        "id: wall",
    ),
    "SG0303": (TOY.replace("{fact: agentic}, ", ""), "id: agentic"),
    "SG0304": (TOY.replace("{act: may-ship}, ", ""), "id: may-ship"),
    "SG0305": (TOY.replace(", {document: report, is: covered}", ""), "id: report"),
    "SG0306": (
        TOY.replace("questions:\n", '  - {id: cfo, native: CFO, neutral: informed, rank: 1, cite: {document: Toy, page: "5"}}\nquestions:\n'),
        "id: cfo",
    ),
    "SG0307": (TOY.replace("id: report,", "id: filter,").replace("{document: report", "{document: filter"), "statement: report"),
    "SG0308": (TOY.replace(", {reading: staff, is: wide}", ""), "id: staff"),
    "SG0309": (TOY.replace("releases: [C2], ", ""), "id: way-out"),
    "SG0401": (TOY.replace("[store, train,", "[train,"), "schema:"),
    "SG0402": (TOY + "silent_at:\n  - {gate: store, searched: all of it}\n", "gate: store"),
    "SG0501": (TOY.replace(CITE, "cite: {document: Toy}", 1), "cite: {document: Toy}"),
    "SG0502": (TOY.replace('  forecast: {rule: no_effect, cite: {document: Toy, section: "1"}}\n', ""), "semantics:"),
    "SG0503": (TOY.replace("indicators: [", LINE, 1), "id: quiz"),
    "SG0504": (
        TOY.replace("role: rule_out, measure: proportion", "role: rule_out, measure: judgement, grades: [low, high]")
        .replace("value: 0.5", "value: high")
        .replace("domains:\n", '  preregistration: {rule: recorded, cite: {document: Toy, section: "1"}}\ndomains:\n', 1),
        "id: B1",
    ),
    "SG0505": (
        TOY.replace("domains:\n", "  grace: {serving: 72h, ours: more time}\ndomains:\n", 1),
        "serving: 72h",
    ),
    "SG0601": (TOY.replace("indicators: [", LINE, 1), "id: quiz"),
    "SG0701": (TOY.replace("tests: [{id: a, statement: s, evidence: e}], ", ""), "id: way-out"),
    "SG0702": (TOY.replace("    fixed_by: [ceo]\n", ""), "id: staff"),
    "SG0703": (TOY.replace("within: 30d, ", ""), "id: tell"),
    "SG0801": (TOY.replace("role: rule_out", "role: notable"), "id: B1"),
    "SG0802": (TOY.replace("value: 0.9", "value: 0"), "id: B1"),
    "SG0803": (TOY.replace("checks: [{id: runs, statement: it runs, comparator: is, value: true}], ", ""), "id: filter"),
    "SG0804": (TOY.replace("to: [Board], ", ""), "id: tell"),
    "SG0805": (TOY.replace("[store, train,", "[train,") + "silent_at:\n  - {gate: store, searched: all of it}\n", "gate: store"),
    "SG0806": (TOY.replace("type: boolean,", "type: boolean, burden: to_hold,"), "id: agentic"),
}  # fmt: skip


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


def test_the_toy_policy_has_no_findings() -> None:
    assert not [str(finding) for finding in lint_text(TOY)]


@pytest.mark.parametrize(("code", "change"), CHANGED.items(), ids=CHANGED)
def test_a_change_gives_its_code_on_its_line(code: str, change: tuple[str, str]) -> None:
    text, part = change
    assert text != TOY
    found = [finding for finding in lint_text(text, file="toy.yaml") if finding.code == code]
    assert found, codes(lint_text(text))
    assert found[0].file == "toy.yaml"
    assert found[0].severity is CODES[code].severity
    if part:
        assert found[0].line == line_of(text, part), str(found[0])
    assert str(found[0]).startswith(f"toy.yaml:{found[0].line}: {found[0].severity.value} {code}: ")


def test_every_code_has_a_change_that_gives_it() -> None:
    assert set(CHANGED) | {"SG0110"} == set(CODES)


def test_a_policy_too_large_to_analyse_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontier, "MAX_POINTS", 1)
    text = CHANGED["SG0203"][0]
    messages = [item.message for item in lint_text(text) if item.code == "SG0110"]
    assert len(messages) == 2


def test_a_value_without_its_text_has_findings_without_lines() -> None:
    text = CHANGED["SG0107"][0]
    with_lines = lint_text(text)
    assert codes(lint(parse_policy(text))) == codes(with_lines)
    assert {finding.line for finding in lint(parse_policy(text))} == {None}


def test_a_mixed_fact_names_every_line() -> None:
    text = CHANGED["SG0201"][0]
    (finding,) = (item for item in lint_text(text) if item.code == "SG0201")
    first, second = line_of(text, "if: {any: [{fact: agentic}"), line_of(text, "id: C9")
    assert f"line {first}, `C2` if: to_hold" in finding.message
    assert f"line {second}, `C9` require: to_release" in finding.message


def test_a_relaxation_names_the_situation() -> None:
    (finding, *_) = (item for item in lint_text(CHANGED["SG0203"][0]) if item.code == "SG0203")
    assert "from not_ruled_out" in finding.message
    assert "to crossed" in finding.message
    assert "hold to allow_with" in finding.message
    assert "B2 not_ruled_out; filter live_unproven; interim true" in finding.message


def test_a_row_with_obligations_is_not_called_idle() -> None:
    text = row(
        f"if: {{fact: agentic}}, at: [train], otherwise: allow_with, obligations: [tell], {VERB}"
    )
    assert not codes(lint_text(text))


def test_a_binding_with_a_reason_is_accepted() -> None:
    text = TOY.replace(
        "modality: will\n", "modality: aim\n    binding: true\n    binding_reason: x\n"
    )
    assert not codes(lint_text(text))


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained(code: str) -> None:
    text = explain(code.lower())
    assert text.startswith(f"{code} ({CODES[code].severity.value}): ")
    for part in ("Why it matters: ", "Example:", "What to do: "):
        assert part in text


def test_an_unknown_code_names_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        explain("SG9999")
    assert caught.value.name == "SG9999"
    assert "SG0101" in caught.value.known


def test_severities_are_words() -> None:
    assert [item.value for item in Severity] == ["error", "warning", "note"]


def test_a_row_on_elicitation_that_is_made_binding_has_a_reason_and_names_what_shows_it() -> None:
    row = (
        "elicitation:\n  - {id: E1, statement: s, modality: aim, native_verb: aims, binding: true,"
        ' cite: {document: Toy, page: "2"}}\n'
    )
    found = [(item.code, item.message) for item in lint_text(TOY + row) if "`E1`" in item.message]
    assert found == [
        ("SG0107", "`E1`: `aim` with binding True"),
        ("SG0109", "`E1` binds and names nothing that shows it"),
    ]
    said = row.replace("binding: true", "binding: true, binding_reason: r, shown_by: [tools]")
    assert not [item for item in lint_text(TOY + said) if "`E1`" in item.message]

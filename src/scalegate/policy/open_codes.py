"""The texts of the codes that `explain` prints: what a policy leaves open."""

from __future__ import annotations

from scalegate.policy.code import Code, Severity

OPEN_CODES = (
    Code(
        code="SG0801",
        severity=Severity.NOTE,
        title="threshold that no line can rule out",
        what=(
            "No indicator of role `rule_out` speaks to the threshold, or only ones that are always"
            " or never crossed."
        ),
        why=(
            "Without a closed list of lines, no evaluation makes the threshold `ruled_out`; only a"
            " signed determination softens it, and it is graded as such."
        ),
        example="thresholds: [{id: BIO, statement: ..., indicators: []}]",
        fix=(
            "Add the lines that the text prints, or an indicator set where they were published"
            " elsewhere. Nothing, where none was."
        ),
    ),
    Code(
        code="SG0802",
        severity=Severity.NOTE,
        title="threshold that no line can trigger",
        what=(
            "No indicator of role `rule_in`, `alert` or `trigger_assessment` speaks to the"
            " threshold, or only ones that are always or never crossed."
        ),
        why="No result says by itself that it is near or crossed; a person has to.",
        example="thresholds: [{id: BIO, indicators: [{role: rule_out, ...}]}]",
        fix="Add the line, if the text or a card prints one. Nothing, where none was.",
    ),
    Code(
        code="SG0803",
        severity=Severity.NOTE,
        title="safeguard without a check",
        what="The safeguard lists nothing that can be measured or looked up.",
        why="It is live and sufficient when somebody says so; no evidence can contradict it.",
        example="safeguards: [{id: filters, statement: ..., checks: []}]",
        fix="List the criteria that the text enumerates. Nothing, where it has none.",
    ),
    Code(
        code="SG0804",
        severity=Severity.NOTE,
        title="duty without an addressee",
        what="`to` is empty: the text does not say to whom the duty is owed.",
        why="Nobody outside can say that it was not kept.",
        example="duties: [{id: review, to: [], ...}]",
        fix="Name those whom the text names. Nothing, where it names none.",
    ),
    Code(
        code="SG0805",
        severity=Severity.NOTE,
        title="gate that nobody guards",
        what="`silent_at` says that the text binds nothing at the gate.",
        why="Anything passes there. It is shown as ungoverned and is never green.",
        example="silent_at: [{gate: internal, searched: all sections}]",
        fix="Nothing, if the search was right.",
    ),
    Code(
        code="SG0806",
        severity=Severity.NOTE,
        title="clause that binds only once something is shown",
        what="A fact has the burden `to_hold`: unknown, it does not bind.",
        why=(
            "Losing the evidence for it opens a gate, against the rule that holds everywhere else."
            " Decisions list such rows as unarmed."
        ),
        example="facts: [{id: competitor-ahead, burden: to_hold, ...}]",
        fix="Keep it only where the text binds on shown evidence alone.",
    ),
)

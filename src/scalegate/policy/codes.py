"""The codes of `lint`, each with a long explanation: what, why it matters, an example, the fix.

A code keeps its number and its meaning for ever. Codes of one hundred belong together: 01 rows,
02 directions, 03 names, 04 gates, 05 sources, 06 lines, 07 governance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from scalegate.base.errors import UnknownName


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of finding."""

    code: str
    """Such as `SG0101`."""
    severity: Severity
    """`error`: the document contradicts itself; `warning`: probably not meant; `note`: to know."""
    title: str
    """What was found, in a few words."""
    what: str
    """What was found, in full."""
    why: str
    """Why it matters."""
    example: str
    """A document, in part, that gives the finding."""
    fix: str
    """What to do about it."""


def explain(code: str) -> str:
    """Return the long text of a code.

    Raises:
        UnknownName: no finding has this code.
    """
    found = CODES.get(code.strip().upper())
    if found is None:
        raise UnknownName("code", code, known=CODES)
    example = "\n".join(f"    {line}" for line in found.example.splitlines())
    return (
        f"{found.code} ({found.severity.value}): {found.title}\n\n{found.what}\n\n"
        f"Why it matters: {found.why}\n\nExample:\n\n{example}\n\nWhat to do: {found.fix}\n"
    )


def _code(
    code: str, severity: Severity, title: str, texts: tuple[str, str, str, str]
) -> tuple[str, Code]:
    what, why, example, fix = texts
    return code, Code(
        code=code,
        severity=severity,
        title=title,
        what=what,
        why=why,
        example=example,
        fix=fix,
    )


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES: Mapping[str, Code] = MappingProxyType(
    dict(
        [
            _code(
                "SG0101",
                _W,
                "row can never apply",
                (
                    "The `if` of the row holds in no situation, whatever is known or unknown.",
                    "The row looks like a promise and binds nothing, so a reader counts on a"
                    " clause that is not there.",
                    "if: {all: [{status: BIO, at_least: crossed}, {status: BIO, is: ruled_out}]}",
                    "Compare the condition with the clause it cites: most often an `all` should"
                    " be an `any`, or one level is wrong.",
                ),
            ),
            _code(
                "SG0102",
                _W,
                "row can never be unsatisfied",
                (
                    "Whenever the row applies, its requirement holds; its effect never comes.",
                    "The row holds nothing back. A comparison of two policies would show no"
                    " difference if it were struck out.",
                    "if: {safeguard: filter}\nrequire: {safeguard: filter}\notherwise: hold",
                    "Name what the clause asks for in `require`; a row that only reminds of a"
                    " duty belongs under `duties` or `obligations`.",
                ),
            ),
            _code(
                "SG0103",
                _W,
                "row never decides",
                (
                    "At each of its gates, whenever the row is not satisfied, other rows give a"
                    " stricter effect.",
                    "The row is never named as a reason and its effect is never seen, so an error"
                    " in it stays hidden.",
                    "- {id: A, at: [train], require: {met: S}, otherwise: restrict}\n"
                    "- {id: B, at: [train], require: {met: S}, otherwise: hold}",
                    "Check that both effects are those of the text; strike out the milder row if"
                    " the stricter one says it all.",
                ),
            ),
            _code(
                "SG0104",
                _N,
                "row is redundant",
                (
                    "At each of its gates, other rows give at least the same effect whenever this"
                    " one is not satisfied; without the row every outcome keeps its effect.",
                    "Texts do say things twice, and then both rows are right. Otherwise one of"
                    " them was meant to say something else.",
                    "- {id: A, if: {status: BIO, at_least: crossed}, require: {met: S}, ...}\n"
                    "- {id: B, require: {met: S}, ...}",
                    "Keep it where the text repeats itself; look at the condition where it"
                    " does not.",
                ),
            ),
            _code(
                "SG0105",
                _W,
                "requirement can never be met",
                (
                    "No situation in which the row applies satisfies its requirement.",
                    "The gate holds for ever, and no work of the lab can open it.",
                    "require: {all: [{act: approve-it}, {not: {act: approve-it}}]}",
                    "If the text forbids the act outright, say so in the statement; if not,"
                    " correct the requirement.",
                ),
            ),
            _code(
                "SG0106",
                _N,
                "a standard without content is required",
                (
                    "The row can only be satisfied through a standard that the text names without"
                    " saying what it consists of (`unspecified`).",
                    "Until a specification is recorded such a standard is never met: the gate"
                    " holds, and the reason is the policy's silence rather than missing work.",
                    "standards: [{id: ASL-4, unspecified: true, ...}]\nrequire: {met: ASL-4}",
                    "Nothing, if the text is silent. If it says what the standard consists of,"
                    " list the members.",
                ),
            ),
            _code(
                "SG0107",
                _E,
                "`binding` departs from the verb without a reason",
                (
                    "`must` and `will` bind, weaker verbs do not; this row says otherwise and"
                    " `binding_reason` is empty.",
                    "Whether a row binds is where an encoder's opinion can enter unseen. The"
                    " reason lets a reviewer disagree.",
                    "modality: aim\nbinding: true",
                    "Fill `binding_reason`, or leave `binding` out.",
                ),
            ),
            _code(
                "SG0108",
                _E,
                "restriction without limits",
                (
                    "The effect is `restrict` and `limits` is empty.",
                    "Nobody can tell what is still allowed: a restriction is its limits.",
                    "otherwise: restrict",
                    "Write the limits as data: `otherwise: {level: restrict, limits: {audience:"
                    " staff}}`.",
                ),
            ),
            _code(
                "SG0109",
                _W,
                "row without an effect",
                (
                    "A binding row whose `otherwise` is `allow` and that owes nothing.",
                    "It never changes an outcome, whatever happens.",
                    "require: {met: S}\notherwise: allow",
                    "Name the effect of the clause, or write the row as advice (`binding: false`"
                    " with a reason).",
                ),
            ),
            _code(
                "SG0110",
                _N,
                "too large to analyse",
                (
                    "The rows of a gate have more minimal hold points than are written out, so"
                    " the checks of rows and of directions were left out there.",
                    "A clean result says less than it seems to.",
                    "require: {at_least: 12, of: [24 safeguards, each with an alternative]}",
                    "Split the row, or name a standard whose members are counted elsewhere.",
                ),
            ),
            _code(
                "SG0201",
                _W,
                "fact pulls both ways",
                (
                    "More of the fact makes some row hold and another release.",
                    "There is then no single worst value: what is unknown counts as the worst at"
                    " each place by itself, which can be stricter than any single value, and"
                    " comparing versions needs a search.",
                    "- {id: A, if: {fact: is-agent}, ...}\n- {id: B, require: {fact: is-agent}, ...}",
                    "Make it two facts if the clauses speak of two things. If the text really"
                    " uses one fact both ways, keep it.",
                ),
            ),
            _code(
                "SG0202",
                _W,
                "variable pulls both ways",
                (
                    "A status, safeguard, act, document, substitute, choice or reading makes some"
                    " row hold and another release, or is compared with the middle of a list.",
                    "As for facts (SG0201): no single value is the worst.",
                    "- {id: A, if: {act: approve-it}, ...}\n- {id: B, require: {act: approve-it}}",
                    "Compare both rows with their clauses; write `at_least` or `at_most` where"
                    " `is` was meant as a limit.",
                ),
            ),
            _code(
                "SG0203",
                _W,
                "something worse relaxes a gate",
                (
                    "A stricter status, or a worse state of a safeguard, with all else equal,"
                    " takes a gate to a milder effect. The finding names the situation.",
                    "A lab could open a gate by learning something bad. Where the text is like"
                    " that (a determination that a threshold is crossed ends the wait for the"
                    " determination), readers must know it.",
                    "semantics: {not_ruled_out: {rule: determination_required}}\n"
                    "# not ruled out: hold; crossed, with safeguards: allow",
                    "Check the direction of the comparison. Keep it only where the text says so,"
                    " and write that under `notes`.",
                ),
            ),
            _code(
                "SG0301",
                _W,
                "threshold that no row names",
                (
                    "No condition of a commitment names the threshold, nor one above or below it.",
                    "Crossing it changes nothing. Often a row was forgotten.",
                    "thresholds: [{id: CYBER, ...}]\ncommitments: [...only about BIO...]",
                    "Add the row that the text attaches to it, or mark the domain `watch_list`.",
                ),
            ),
            _code(
                "SG0302",
                _W,
                "safeguard or standard that is never required",
                (
                    "No condition names it, and no standard that a condition names contains it.",
                    "Work on it opens nothing, and its evidence is never asked for.",
                    "safeguards: [{id: filter, ...}]\nstandards: [{id: S, members: [monitor]}]",
                    "Add it to the standard or row that the text attaches it to, or remove it.",
                ),
            ),
            _code(
                "SG0303",
                _W,
                "fact that nothing names",
                (
                    "The fact is declared, and no condition compares it.",
                    "People would record it for nothing; or a condition was forgotten.",
                    "facts: [{id: staff-count, ...}]",
                    "Use it in the row it was declared for, or remove it.",
                ),
            ),
            _code(
                "SG0304",
                _W,
                "question that nothing asks",
                (
                    "No condition, substitute or discretion waits for an answer to the question.",
                    "Signed answers to it would have no effect.",
                    "questions: [{id: approve-it, ...}]",
                    "Name it with `act:` in the row that waits for it, or under `approvals`; else"
                    " remove it.",
                ),
            ),
            _code(
                "SG0305",
                _N,
                "document that nothing names",
                (
                    "No condition asks whether the document is there.",
                    "It may still be owed as a duty; no gate depends on it.",
                    "documents: [{id: risk-report, ...}]",
                    "Name it in the row that depends on it. Keep it if only a duty speaks of it.",
                ),
            ),
            _code(
                "SG0306",
                _N,
                "role that nothing names",
                (
                    "No question, document, discretion, reading, cadence or amendment names it.",
                    "A role without a part cannot sign anything here.",
                    "roles: [{id: auditor, ...}]",
                    "Name it where the text gives it a part. Keep it where the text only lists"
                    " it.",
                ),
            ),
            _code(
                "SG0307",
                _W,
                "one id names two things",
                (
                    "Two parts of different kinds have the same id.",
                    "Conditions say which kind they mean; people reading a decision do not see"
                    " the kind.",
                    "safeguards: [{id: monitoring, ...}]\nfacts: [{id: monitoring, ...}]",
                    "Rename one of them.",
                ),
            ),
            _code(
                "SG0308",
                _W,
                "reading on which nothing depends",
                (
                    "No condition names an option of the reading.",
                    "The decision can then never say that it depends on the ambiguity.",
                    "readings: [{id: who-is-staff, options: [...]}]",
                    "Name it with `reading:` in the row it belongs to. Where only a duty or a"
                    " number is ambiguous, say so in its statement.",
                ),
            ),
            _code(
                "SG0309",
                _W,
                "way out that leads nowhere",
                (
                    "A discretion that releases no commitment, or a substitute that no"
                    " requirement names.",
                    "Invoked, it changes nothing.",
                    "discretions: [{id: marginal-risk, releases: []}]",
                    "List the commitments it may soften, or name the substitute beside what it"
                    " stands in for: `any: [{met: S}, {substitute: X}]`.",
                ),
            ),
            _code(
                "SG0401",
                _W,
                "silent gate without a note",
                (
                    "No binding row names the gate, and `silent_at` does not say where the text"
                    " was searched.",
                    "An ungoverned gate is a finding about the policy. Without the note nobody"
                    " can tell silence from an oversight.",
                    "commitments: [...none at open_weights...]",
                    "Add the row, or `silent_at: [{gate: open_weights, searched: ...}]` with the"
                    " sections searched.",
                ),
            ),
            _code(
                "SG0402",
                _E,
                "`silent_at` for a governed gate",
                (
                    "`silent_at` says that the text binds nothing at a gate, and a binding row"
                    " names it.",
                    "One of the two is wrong, and the page would print both.",
                    "silent_at: [{gate: train, ...}]\ncommitments: [{at: [train], ...}]",
                    "Remove the note, or the gate from the row.",
                ),
            ),
            _code(
                "SG0501",
                _W,
                "citation without a place",
                (
                    "A citation names neither a section nor a page.",
                    "Nobody can check the paraphrase against the text.",
                    "cite: {document: RSP}",
                    "Add `section` as printed, or `page`.",
                ),
            ),
            _code(
                "SG0502",
                _N,
                "rule that is ours",
                (
                    "The text is silent on how a status is read, and a default stands in.",
                    "Decisions that rest on it print that the rule is not the policy's.",
                    "semantics: {}",
                    "Cite the text if it does say it; otherwise nothing.",
                ),
            ),
            _code(
                "SG0503",
                _N,
                "line that is ours",
                (
                    "The indicator makes a line out of a text that prints no number.",
                    "A number that the lab never wrote decides; it is shown as such.",
                    "indicators: [{id: horizon, value: 120, ours: the text names no number, ...}]",
                    "Nothing, if the reason holds. Prefer lines that the lab published.",
                ),
            ),
            _code(
                "SG0601",
                _N,
                "rule-out line without a declared sharpness",
                (
                    "An indicator that can rule out states no `safe_level` or no `alpha`.",
                    "Then the sharpness asked of the evidence, and the error allowed, are"
                    " defaults of this program rather than of the policy.",
                    "indicators: [{role: rule_out, measure: proportion, value: 0.2, ...}]",
                    "Declare both where a source gives them.",
                ),
            ),
            _code(
                "SG0701",
                _W,
                "discretion without tests",
                (
                    "The way out names nothing that must be shown before it is invoked.",
                    "It can then be invoked at will. Where the text is like that, readers must"
                    " know it.",
                    "discretions: [{id: marginal-risk, tests: []}]",
                    "List the tests that the text gives, each with its evidence.",
                ),
            ),
            _code(
                "SG0702",
                _N,
                "reading that nobody may fix",
                (
                    "`fixed_by` is empty: no role may settle which meaning holds.",
                    "The strictest meaning holds for ever.",
                    "readings: [{id: who-is-staff, fixed_by: [], ...}]",
                    "Name the role that interprets the policy, if the text gives one.",
                ),
            ),
            _code(
                "SG0703",
                _N,
                "duty without a window",
                (
                    "The duty has neither `within` nor `every`.",
                    "No clock can run out, so it is shown as owed and never as late.",
                    "duties: [{id: tell-the-board, starts_on: a threshold is crossed, ...}]",
                    "Give the window that the text gives; nothing, where it gives none.",
                ),
            ),
        ]
    )
)
"""Every code, in order."""

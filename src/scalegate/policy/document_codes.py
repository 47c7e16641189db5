"""The texts of the codes that `explain` prints: names, gates, sources, lines and governance."""

from __future__ import annotations

from scalegate.policy.code import Code, Severity

DOCUMENT_CODES = (
    Code(
        code="SG0301",
        severity=Severity.WARNING,
        title="threshold that no row names",
        what="No condition of a commitment names the threshold, nor one above or below it.",
        why="Crossing it changes nothing. Often a row was forgotten.",
        example="thresholds: [{id: CYBER, ...}]\ncommitments: [...only about BIO...]",
        fix="Add the row that the text attaches to it, or mark the domain `watch_list`.",
    ),
    Code(
        code="SG0302",
        severity=Severity.WARNING,
        title="safeguard or standard that is never required",
        what="No condition names it, and no standard that a condition names contains it.",
        why="Work on it opens nothing, and its evidence is never asked for.",
        example="safeguards: [{id: filter, ...}]\nstandards: [{id: S, members: [monitor]}]",
        fix="Add it to the standard or row that the text attaches it to, or remove it.",
    ),
    Code(
        code="SG0303",
        severity=Severity.WARNING,
        title="fact that nothing names",
        what="The fact is declared, and no condition compares it.",
        why="People would record it for nothing; or a condition was forgotten.",
        example="facts: [{id: staff-count, ...}]",
        fix="Use it in the row it was declared for, or remove it.",
    ),
    Code(
        code="SG0304",
        severity=Severity.WARNING,
        title="question that nothing asks",
        what="No condition, substitute or discretion waits for an answer to the question.",
        why="Signed answers to it would have no effect.",
        example="questions: [{id: approve-it, ...}]",
        fix=(
            "Name it with `act:` in the row that waits for it, or under `approvals`; else remove"
            " it."
        ),
    ),
    Code(
        code="SG0305",
        severity=Severity.NOTE,
        title="document that nothing names",
        what="No condition asks whether the document is there.",
        why="It may still be owed as a duty; no gate depends on it.",
        example="documents: [{id: risk-report, ...}]",
        fix="Name it in the row that depends on it. Keep it if only a duty speaks of it.",
    ),
    Code(
        code="SG0306",
        severity=Severity.NOTE,
        title="role that nothing names",
        what="No question, document, discretion, reading, cadence or amendment names it.",
        why="A role without a part cannot sign anything here.",
        example="roles: [{id: auditor, ...}]",
        fix="Name it where the text gives it a part. Keep it where the text only lists it.",
    ),
    Code(
        code="SG0307",
        severity=Severity.WARNING,
        title="one id names two things",
        what="Two parts of different kinds have the same id.",
        why="Conditions say which kind they mean; people reading a decision do not see the kind.",
        example="safeguards: [{id: monitoring, ...}]\nfacts: [{id: monitoring, ...}]",
        fix="Rename one of them.",
    ),
    Code(
        code="SG0308",
        severity=Severity.WARNING,
        title="reading on which nothing depends",
        what="No condition names an option of the reading.",
        why="The decision can then never say that it depends on the ambiguity.",
        example="readings: [{id: who-is-staff, options: [...]}]",
        fix=(
            "Name it with `reading:` in the row it belongs to. Where only a duty or a number is"
            " ambiguous, say so in its statement."
        ),
    ),
    Code(
        code="SG0309",
        severity=Severity.WARNING,
        title="way out that leads nowhere",
        what="A discretion that releases no commitment, or a substitute that no requirement names.",
        why="Invoked, it changes nothing.",
        example="discretions: [{id: marginal-risk, releases: []}]",
        fix=(
            "List the commitments it may soften, or name the substitute beside what it stands in"
            " for: `any: [{met: S}, {substitute: X}]`."
        ),
    ),
    Code(
        code="SG0401",
        severity=Severity.WARNING,
        title="silent gate without a note",
        what=(
            "No binding row names the gate, and `silent_at` does not say where the text was"
            " searched."
        ),
        why=(
            "An ungoverned gate is a finding about the policy. Without the note nobody can tell"
            " silence from an oversight."
        ),
        example="commitments: [...none at open_weights...]",
        fix=(
            "Add the row, or `silent_at: [{gate: open_weights, searched: ...}]` with the sections"
            " searched."
        ),
    ),
    Code(
        code="SG0402",
        severity=Severity.ERROR,
        title="`silent_at` for a governed gate",
        what="`silent_at` says that the text binds nothing at a gate, and a binding row names it.",
        why="One of the two is wrong, and the page would print both.",
        example="silent_at: [{gate: train, ...}]\ncommitments: [{at: [train], ...}]",
        fix="Remove the note, or the gate from the row.",
    ),
    Code(
        code="SG0501",
        severity=Severity.WARNING,
        title="citation without a place",
        what="A citation names neither a section nor a page.",
        why="Nobody can check the paraphrase against the text.",
        example="cite: {document: RSP}",
        fix="Add `section` as printed, or `page`.",
    ),
    Code(
        code="SG0502",
        severity=Severity.NOTE,
        title="rule that is ours",
        what="The text is silent on how a status is read, and a default stands in.",
        why="Decisions that rest on it print that the rule is not the policy's.",
        example="semantics: {}",
        fix="Cite the text if it does say it; otherwise nothing.",
    ),
    Code(
        code="SG0503",
        severity=Severity.NOTE,
        title="line that is ours",
        what="The indicator makes a line out of a text that prints no number.",
        why="A number that the lab never wrote decides; it is shown as such.",
        example="indicators: [{id: horizon, value: 120, ours: the text names no number, ...}]",
        fix="Nothing, if the reason holds. Prefer lines that the lab published.",
    ),
    Code(
        code="SG0504",
        severity=Severity.NOTE,
        title="threshold that pre-registration does not reach",
        what=(
            "The policy asks for pre-registration, and every line that can rule this threshold out"
            " is a judgement."
        ),
        why="A judgement is no run and answers no plan: whether it was announced is not asked.",
        example="semantics: {preregistration: {rule: recorded, ...}}, measure: judgement",
        fix="Add a line on a measured eval, or accept that judgements alone rule it out.",
    ),
    Code(
        code="SG0505",
        severity=Severity.WARNING,
        title="longer grace without a clause",
        what=(
            "The policy grants what runs already more time without a permit than the default of an"
            " hour for training and 24 hours else, and cites no clause."
        ),
        why="A longer grace that nobody published would be ours, so permits give the default.",
        example='semantics: {grace: {serving: 72h, ours: "..."}}',
        fix="Cite the clause, or leave the field out.",
    ),
    Code(
        code="SG0601",
        severity=Severity.NOTE,
        title="rule-out line without a declared sharpness",
        what="An indicator that can rule out states no `safe_level` or no `alpha`.",
        why=(
            "Then the sharpness asked of the evidence, and the error allowed, are defaults of"
            " this program rather than of the policy."
        ),
        example="indicators: [{role: rule_out, measure: proportion, value: 0.2, ...}]",
        fix="Declare both where a source gives them.",
    ),
    Code(
        code="SG0701",
        severity=Severity.WARNING,
        title="discretion without tests",
        what="The way out names nothing that must be shown before it is invoked.",
        why="It can then be invoked at will. Where the text is like that, readers must know it.",
        example="discretions: [{id: marginal-risk, tests: []}]",
        fix="List the tests that the text gives, each with its evidence.",
    ),
    Code(
        code="SG0702",
        severity=Severity.NOTE,
        title="reading that nobody may fix",
        what="`fixed_by` is empty: no role may settle which meaning holds.",
        why="The strictest meaning holds for ever.",
        example="readings: [{id: who-is-staff, fixed_by: [], ...}]",
        fix="Name the role that interprets the policy, if the text gives one.",
    ),
    Code(
        code="SG0703",
        severity=Severity.NOTE,
        title="duty without a window",
        what="The duty has neither `within` nor `every`.",
        why="No clock can run out, so it is shown as owed and never as late.",
        example="duties: [{id: tell-the-board, starts_on: a threshold is crossed, ...}]",
        fix="Give the window that the text gives; nothing, where it gives none.",
    ),
)

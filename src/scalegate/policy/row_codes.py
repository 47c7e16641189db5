"""The texts of the codes that `explain` prints: rows and directions."""

from __future__ import annotations

from scalegate.policy.code import Code, Severity

ROW_CODES = (
    Code(
        code="SG0101",
        severity=Severity.WARNING,
        title="row can never apply",
        what="The `if` of the row holds in no situation, whatever is known or unknown.",
        why=(
            "The row looks like a promise and binds nothing, so a reader counts on a clause that"
            " is not there."
        ),
        example="if: {all: [{status: BIO, at_least: crossed}, {status: BIO, is: ruled_out}]}",
        fix=(
            "Compare the condition with the clause it cites: most often an `all` should be an"
            " `any`, or one level is wrong."
        ),
    ),
    Code(
        code="SG0102",
        severity=Severity.WARNING,
        title="row can never be unsatisfied",
        what="Whenever the row applies, its requirement holds; its effect never comes.",
        why=(
            "The row holds nothing back. A comparison of two policies would show no difference if"
            " it were struck out."
        ),
        example="if: {fact: is-agent}\notherwise: hold  # nothing is required",
        fix=(
            "Name what the clause asks for in `require`; where it forbids outright, write a"
            " requirement that only a recorded act can meet. A mere duty belongs under `duties`"
            " or `obligations`."
        ),
    ),
    Code(
        code="SG0103",
        severity=Severity.WARNING,
        title="row never decides",
        what=(
            "At each of its gates, whenever the row is not satisfied, other rows give a stricter"
            " effect."
        ),
        why=(
            "The row is never named as a reason and its effect is never seen, so an error in it"
            " stays hidden."
        ),
        example=(
            "- {id: A, at: [train], require: {met: S}, otherwise: restrict}\n"
            "- {id: B, at: [train], require: {met: S}, otherwise: hold}"
        ),
        fix=(
            "Check that both effects are those of the text; strike out the milder row if the"
            " stricter one says it all."
        ),
    ),
    Code(
        code="SG0104",
        severity=Severity.NOTE,
        title="row is redundant",
        what=(
            "At each of its gates, other rows give at least the same effect whenever this one is"
            " not satisfied; without the row every outcome keeps its effect."
        ),
        why=(
            "Texts do say things twice, and then both rows are right. Otherwise one of them was"
            " meant to say something else."
        ),
        example=(
            "- {id: A, if: {fact: is-agent}, require: {met: S}, otherwise: hold}\n"
            "- {id: B, require: {met: S}, otherwise: hold}"
        ),
        fix="Keep it where the text repeats itself; look at the condition where it does not.",
    ),
    Code(
        code="SG0105",
        severity=Severity.WARNING,
        title="requirement can never be met",
        what="No situation in which the row applies satisfies its requirement.",
        why="The gate holds for ever, and no work of the lab can open it.",
        example="require: {all: [{act: approve-it}, {not: {act: approve-it}}]}",
        fix=(
            "If the text forbids the act outright, say so in the statement; if not, correct the"
            " requirement."
        ),
    ),
    Code(
        code="SG0106",
        severity=Severity.NOTE,
        title="a standard without content is required",
        what=(
            "The row can only be satisfied through a standard that the text names without saying"
            " what it consists of (`unspecified`)."
        ),
        why=(
            "Until a specification is recorded such a standard is never met: the gate holds, and"
            " the reason is the policy's silence rather than missing work."
        ),
        example="standards: [{id: ASL-4, unspecified: true, ...}]\nrequire: {met: ASL-4}",
        fix=(
            "Nothing, if the text is silent. If it says what the standard consists of, list the"
            " members."
        ),
    ),
    Code(
        code="SG0107",
        severity=Severity.ERROR,
        title="`binding` departs from the verb without a reason",
        what=(
            "`must` and `will` bind, weaker verbs do not; this row says otherwise and"
            " `binding_reason` is empty."
        ),
        why=(
            "Whether a row binds is where an encoder's opinion can enter unseen. The reason lets"
            " a reviewer disagree."
        ),
        example="modality: aim\nbinding: true",
        fix="Fill `binding_reason`, or leave `binding` out.",
    ),
    Code(
        code="SG0108",
        severity=Severity.ERROR,
        title="restriction without limits",
        what="The effect is `restrict` and `limits` is empty.",
        why="Nobody can tell what is still allowed: a restriction is its limits.",
        example="otherwise: restrict",
        fix="Write the limits as data: `otherwise: {level: restrict, limits: {audience: staff}}`.",
    ),
    Code(
        code="SG0109",
        severity=Severity.WARNING,
        title="row without an effect",
        what=(
            "A binding row whose `otherwise` is `allow` and that owes nothing, or a row on"
            " elicitation that is made binding and names nothing that shows it (`shown_by`)."
        ),
        why="It never changes an outcome, whatever happens.",
        example="require: {met: S}\notherwise: allow",
        fix=(
            "Name the effect of the clause, or write the row as advice (`binding: false` with a"
            " reason)."
        ),
    ),
    Code(
        code="SG0110",
        severity=Severity.NOTE,
        title="too large to analyse",
        what=(
            "The rows of a gate have more minimal hold points than are written out, so the checks"
            " of rows and of directions were left out there."
        ),
        why="A clean result says less than it seems to.",
        example="require: {at_least: 12, of: [24 safeguards, each with an alternative]}",
        fix="Split the row, or name a standard whose members are counted elsewhere.",
    ),
    Code(
        code="SG0201",
        severity=Severity.WARNING,
        title="fact pulls both ways",
        what="More of the fact makes some row hold and another release.",
        why=(
            "There is then no single worst value: what is unknown counts as the worst at each"
            " place by itself, which can be stricter than any single value, and comparing versions"
            " needs a search."
        ),
        example="- {id: A, if: {fact: is-agent}, ...}\n- {id: B, require: {fact: is-agent}, ...}",
        fix=(
            "Make it two facts if the clauses speak of two things. If the text really uses one"
            " fact both ways, keep it."
        ),
    ),
    Code(
        code="SG0202",
        severity=Severity.WARNING,
        title="variable pulls both ways",
        what=(
            "A status, safeguard, act, document, substitute, choice or reading makes some row"
            " hold and another release, or is compared with the middle of a list."
        ),
        why="As for facts (SG0201): no single value is the worst.",
        example="- {id: A, if: {act: approve-it}, ...}\n- {id: B, require: {act: approve-it}}",
        fix=(
            "Compare both rows with their clauses; write `at_least` or `at_most` where `is` was"
            " meant as a limit."
        ),
    ),
    Code(
        code="SG0203",
        severity=Severity.WARNING,
        title="something worse relaxes a gate",
        what=(
            "A stricter status, or a worse state of a safeguard, with all else equal, takes a"
            " gate to a milder effect. The finding names the situation."
        ),
        why=(
            "A lab could open a gate by learning something bad. Where the text is like that (a"
            " determination that a threshold is crossed ends the wait for the determination),"
            " readers must know it."
        ),
        example=(
            "semantics: {not_ruled_out: {rule: determination_required}}\n"
            "# not ruled out: hold; crossed, with safeguards: allow"
        ),
        fix=(
            "Check the direction of the comparison. Keep it only where the text says so, and"
            " write that under `notes`."
        ),
    ),
)

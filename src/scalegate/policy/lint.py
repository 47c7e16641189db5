"""Findings about a policy document that is well formed: what was probably not meant.

`lint` looks at a policy, `lint_text` at a document with its lines. The codes and their long texts
stand in `codes`. Rows are judged over all situations (`analyse`, `monotone`), never by sampling.

Does not check: that a paraphrase is faithful to its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scalegate.base.yaml_text import DocumentPath, parse_yaml, path_text
from scalegate.policy.analyse import row_findings, step_findings
from scalegate.policy.codes import CODES, Severity, explain
from scalegate.policy.compile import compile_policy
from scalegate.policy.direction import Direction, directions
from scalegate.policy.document import Commitment, Indicator, Policy
from scalegate.policy.fields import Cite, Part
from scalegate.policy.governance import Requirement
from scalegate.policy.grace import is_uncounted
from scalegate.policy.names import name_findings
from scalegate.policy.openness import openness_findings
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import (
    EffectLevel,
    Gate,
    IndicatorRole,
    Kind,
    Measure,
    PreregistrationRule,
)

__all__ = ["Finding", "Severity", "explain", "lint", "lint_text"]

Found = tuple[str, DocumentPath, str]
"""Code, path, message."""
LineOf = Callable[[DocumentPath], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about a policy document."""

    code: str
    """Such as `SG0101`; `explain` has the long text."""
    severity: Severity
    """`error`, `warning` or `note`."""
    path: DocumentPath
    """Where it stands in the document."""
    line: int | None
    """Its line; `None` where only the value was at hand."""
    file: str | None
    """The name of the file, for messages."""
    message: str
    """What was found here."""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        at = f" (at {path_text(self.path)})" if self.path else ""
        return (
            f"{where}{': ' if where else ''}{self.severity.value} {self.code}: {self.message}{at}"
        )


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Return every finding about a policy, by place in the document."""
    return _findings(policy, lambda _: None, None)


def lint_text(text: str, *, file: str | None = None) -> tuple[Finding, ...]:
    """Return every finding about a policy document, each with its line.

    Raises:
        DocumentFaults: the document is not a well-formed policy; there is nothing to lint yet.
    """
    policy = parse_policy(text, file=file)
    return _findings(policy, parse_yaml(text, file=file).line, file)


def _findings(policy: Policy, line_of: LineOf, file: str | None) -> tuple[Finding, ...]:
    findings = [
        Finding(
            code=code,
            severity=CODES[code].severity,
            path=path,
            line=line_of(path),
            file=file,
            message=message,
        )
        for code, path, message in _all(policy, line_of)
    ]
    return tuple(sorted(findings, key=lambda item: (item.line or 0, item.code, str(item.path))))


def _all(policy: Policy, line_of: LineOf) -> Iterator[Found]:
    program = compile_policy(policy)
    yield from row_findings(program)
    yield from step_findings(program)
    yield from _effects(policy)
    yield from _mixed(policy, line_of)
    yield from name_findings(policy)
    yield from _gates(policy)
    yield from _sources(policy, ())
    yield from _silence(policy)
    yield from _lines(policy)
    yield from _unregistered(policy)
    yield from _grace(policy)
    yield from _governance(policy)
    yield from _elicitation(policy)
    yield from openness_findings(policy)


def _effects(policy: Policy) -> Iterator[Found]:
    for index, row in enumerate(policy.commitments):
        path = ("commitments", index)
        yield from _binding(row, path)
        if row.otherwise.level is EffectLevel.RESTRICT and not row.otherwise.limits:
            yield "SG0108", (*path, "otherwise"), f"`{row.id}` restricts without limits"
        owes = row.obligations or row.before
        if row.binds and row.otherwise.level is EffectLevel.ALLOW and not owes:
            yield "SG0109", (*path, "otherwise"), f"`{row.id}` never changes an outcome"


def _binding(row: Commitment | Requirement, path: DocumentPath) -> Iterator[Found]:
    if row.binding not in (None, row.modality.binds) and not row.binding_reason:
        verb = row.modality.word
        yield "SG0107", (*path, "binding"), f"`{row.id}`: `{verb}` with binding {row.binding}"


def _elicitation(policy: Policy) -> Iterator[Found]:
    for index, row in enumerate(policy.elicitation):
        path = ("elicitation", index)
        yield from _binding(row, path)
        if row.binding and not row.shown_by:
            yield "SG0109", (*path, "shown_by"), f"`{row.id}` binds and names nothing that shows it"


_SECTIONS = {
    Kind.STATUS: "thresholds",
    Kind.SAFEGUARD: "safeguards",
    Kind.SUBSTITUTE: "substitutes",
    Kind.ACT: "questions",
    Kind.DISCRETION: "discretions",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.READING: "readings",
    Kind.SPECIFIED: "standards",
    Kind.FLAG: "thresholds",
}


def _mixed(policy: Policy, line_of: LineOf) -> Iterator[Found]:
    rows = {row.id: index for index, row in enumerate(policy.commitments)}
    for variable in directions(policy):
        if variable.direction is not Direction.BOTH:
            continue
        places = []
        for place in variable.places:
            if place.direction is not Direction.UNUSED:
                part = () if place.part == "releases" else (place.part,)
                line = line_of(("commitments", rows[place.owner], *part))
                where = f"line {line}, " if line else ""
                places.append(f"{where}`{place.owner}` {place.part}: {place.direction.value}")
        code = "SG0201" if variable.kind is Kind.FACT else "SG0202"
        section = _SECTIONS[variable.kind]
        path = _place_of(policy, section, variable.name)
        name = f"{variable.kind.value} `{variable.name}`"
        yield code, path, f"{name} pulls both ways: {'; '.join(places)}"


def _place_of(policy: Policy, section: str, name: str) -> DocumentPath:
    bare = {name, name.split("=", 1)[0], name.rsplit(".", 1)[0]}
    for index, item in enumerate(getattr(policy, section)):
        if item.id in bare:
            return (section, index)
    return (section,)


def _gates(policy: Policy) -> Iterator[Found]:
    governed = {gate for row in policy.commitments if row.binds for gate in row.at}
    noted = {note.gate for note in policy.silent_at}
    for gate in Gate:
        if gate not in governed | noted:
            yield (
                "SG0401",
                (),
                f"no binding row at `{gate.value}` and no note of where it was sought",
            )
    for index, note in enumerate(policy.silent_at):
        if note.gate in governed:
            rows = [row.id for row in policy.commitments if row.binds and note.gate in row.at]
            message = f"`{note.gate.value}` is governed by {', '.join(f'`{row}`' for row in rows)}"
            yield "SG0402", ("silent_at", index), message


def _sources(part: object, path: DocumentPath) -> Iterator[Found]:
    """Yield every citation without a place, wherever it stands."""
    if isinstance(part, Cite):
        if not part.section and not part.page:
            yield "SG0501", path, f"`{part.document}` is cited without a section or a page"
    elif isinstance(part, Part):
        for name, field in type(part).model_fields.items():
            yield from _sources(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, tuple):
        for index, item in enumerate(part):
            yield from _sources(item, (*path, index))


def _silence(policy: Policy) -> Iterator[Found]:
    for name in ("not_ruled_out", "forecast", "softer_determination", "carriage"):
        rule = getattr(policy.semantics, name)
        if rule.cite is None:
            yield "SG0502", ("semantics", name), f"what `{name}` does is ours, not the policy's"


def _lines(policy: Policy) -> Iterator[Found]:
    for place, threshold in enumerate(policy.thresholds):
        for index, line in enumerate(threshold.indicators):
            path = ("thresholds", place, "indicators", index)
            if line.ours:
                yield "SG0503", path, f"line `{line.id}` is ours, not the policy's"
            missing = _undeclared(line)
            if missing:
                yield "SG0601", path, f"line `{line.id}` states no {' and no '.join(missing)}"


def _unregistered(policy: Policy) -> Iterator[Found]:
    if policy.semantics.preregistration.rule is PreregistrationRule.NOT_REQUIRED:
        return
    for place, threshold in enumerate(policy.thresholds):
        out = [line for line in threshold.indicators if line.role is IndicatorRole.RULE_OUT]
        if out and all(line.measure is Measure.JUDGEMENT for line in out):
            message = f"only judgements rule `{threshold.id}` out, and they answer no plan"
            yield "SG0504", ("thresholds", place), message


def _grace(policy: Policy) -> Iterator[Found]:
    for part in ("training", "serving"):
        if is_uncounted(policy, part):
            message = f"a longer grace of `{part}` cites no clause, so that the default counts"
            yield "SG0505", ("semantics", "grace"), message


def _undeclared(line: Indicator) -> list[str]:
    if line.role is not IndicatorRole.RULE_OUT:
        return []
    return [f"`{name}`" for name in ("safe_level", "alpha") if getattr(line, name) is None]


def _governance(policy: Policy) -> Iterator[Found]:
    for index, discretion in enumerate(policy.discretions):
        if not discretion.tests:
            yield "SG0701", ("discretions", index), f"`{discretion.id}` has no tests"
    for index, reading in enumerate(policy.readings):
        if not reading.fixed_by:
            yield "SG0702", ("readings", index), f"no role may fix `{reading.id}`"
    for index, duty in enumerate(policy.duties):
        if duty.within is None and duty.every is None:
            yield "SG0703", ("duties", index), f"`{duty.id}` has no window"

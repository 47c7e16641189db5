"""Replay published decisions: decide each case anew, and say where it differs and why.

1. *Engine alone*: the computed finding against the level that the lab determined.
2. *With the determination entered*: the status that decides, acts graded, against the same level.
3. *Gates*: the effect on the record, and with the lab taken at its word, against what the lab did.
4. A difference is never tuned away: the expectation names its cause, its kind and the clause.
5. A case is *as recorded* when everything that its expectation names is what was found, the
   levels it calls published are those of the acts on record, and every difference has its cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scalegate.app.case_answers import Shelf, answers
from scalegate.evidence.case import Case
from scalegate.evidence.expectation import BECAUSE, HUMAN
from scalegate.ports import FiledCase

OUTCOMES = {
    "allow": "open",
    "allow_with": "open",
    "restrict": "restricted",
    "hold": "held",
    "withdraw": "withdrawn",
}
"""The published outcome that an effect is the same as; `ungoverned` is the same as none."""
_FINDING_FIELDS = ("published", "own", "status", "reasons", "flags", "determinations")
_GATE_FIELDS = ("gate", "ask", "of", "effect", "inconclusive", "at_its_word")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a computed answer and a published one differ, as the expectation says."""

    because: str
    """Kind of cause; empty: not said."""
    clause: str
    """The clause on which it turns."""
    text: str
    """Why, in words; empty: nobody has said why."""

    @property
    def is_given(self) -> bool:
        """Whether somebody said why."""
        return bool(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedFinding:
    """One threshold: what was computed and what was published."""

    framework: str
    threshold: str
    published: str
    """The level that the lab determined; empty: none was published."""
    own: str
    """The engine alone."""
    status: str
    """With the determination entered."""
    cause: Cause

    @property
    def agrees_alone(self) -> bool:
        """Whether the engine alone finds the published level."""
        return self.own == self.published

    @property
    def agrees_entered(self) -> bool:
        """Whether the status, the determination entered, is the published level."""
        return self.status == self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedGate:
    """One gate: what was decided and what the lab did."""

    framework: str
    gate: str
    of: str
    published: str
    """What the lab did; `not_said`: nothing was published."""
    published_at: str
    effect: str
    """On the record."""
    at_its_word: str
    """With the lab taken at its word."""
    cause: Cause

    @property
    def agrees(self) -> bool:
        """Whether the effect on the record is what the lab did."""
        return OUTCOMES.get(self.effect) == self.published

    @property
    def agrees_at_its_word(self) -> bool:
        """Whether the effect, the lab taken at its word, is what the lab did."""
        return OUTCOMES.get(self.at_its_word) == self.published

    @property
    def differs(self) -> bool:
        """Whether something published is not what one of the two decisions says."""
        trusted = not self.at_its_word or self.agrees_at_its_word
        return self.published != "not_said" and not (self.agrees and trusted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One case, decided anew."""

    name: str
    """Its folder, such as `anthropic/claude-3-opus`."""
    lab: str
    title: str
    as_of: str
    """The day of the question."""
    findings: tuple[ReplayedFinding, ...]
    """Thresholds that a determination was published on, or that evidence bears on."""
    gates: tuple[ReplayedGate, ...]
    unmet: tuple[str, ...]
    """What is not as the expectation records it, in words; empty: as recorded."""

    @property
    def is_as_recorded(self) -> bool:
        """Whether everything is as the expectation records it."""
        return not self.unmet


def replay(filed: Sequence[FiledCase], shelf: Shelf) -> Iterator[Replayed]:
    """Decide each case and compare it with its expectation, one after the other.

    Raises:
        UnknownName: a case names a framework or a subject that there is not.
        DocumentFaults: a policy, an indicator set or a register is wrong.
    """
    for item in filed:
        yield compared(item, answers(item.case, item.logs, shelf))


def compared(filed: FiledCase, found: Mapping[str, Any]) -> Replayed:
    """Compare what was found with the expectation of the case."""
    expected = filed.case.expected or {}
    findings = tuple(_findings(found, expected))
    gates = tuple(_gates(found, expected))
    return Replayed(
        name=filed.name,
        lab=filed.case.file.lab.partition(":")[2],
        title=filed.case.file.title,
        as_of=filed.case.file.as_of.date().isoformat(),
        findings=tuple(each for each in findings if each.published or each.own != "unassessed"),
        gates=gates,
        unmet=(*_unmet(filed.case, found), *_unexplained(findings, gates)),
    )


def recorded(filed: FiledCase) -> Replayed:
    """Return what the expectation of a case says, without deciding anything.

    For pages that are written from expectations which a test replays.
    """
    expected = filed.case.expected or {}
    return compared(filed, expected)


# --- lines of the comparison ----------------------------------------------------------------------


def _findings(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[ReplayedFinding]:
    for framework, part in found["frameworks"].items():
        written = _part(expected, framework).get("findings", {})
        for threshold, each in part["findings"].items():
            yield ReplayedFinding(
                framework=framework,
                threshold=threshold,
                published=each.get("published") or _first_level(each),
                own=each["own"],
                status=each["status"],
                cause=_cause(written.get(threshold, {})),
            )


def _first_level(finding: Mapping[str, Any]) -> str:
    """Return the level of the first determination, where the expectation names no other."""
    for each in finding.get("determinations", ()):
        return str(each["level"])
    return ""


def _gates(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[ReplayedGate]:
    for framework, part in found["frameworks"].items():
        written = _part(expected, framework).get("gates", ())
        for number, each in enumerate(part["gates"]):
            said = written[number] if number < len(written) else {}
            yield ReplayedGate(
                framework=framework,
                gate=each["gate"],
                of=each.get("of", ""),
                published=said.get("published", "not_said"),
                published_at=said.get("published_at", ""),
                effect=each["effect"],
                at_its_word=each.get("at_its_word", ""),
                cause=_cause(said),
            )


def _part(expected: Mapping[str, Any], framework: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = expected.get("frameworks", {}).get(framework, {})
    return found


def _cause(written: Mapping[str, Any]) -> Cause:
    because, text = written.get("because", ""), written.get("cause", "")
    kind, colon, rest = text.partition(": ")
    if not because and colon and kind.lower().replace(" ", "_") in BECAUSE:
        because, text = kind.lower().replace(" ", "_"), rest
    return Cause(because=because, clause=written.get("clause", ""), text=text)


# --- what is not as recorded ----------------------------------------------------------------------


def _unmet(case: Case, found: Mapping[str, Any]) -> Iterator[str]:
    if case.expected is None:
        yield "no expectation is recorded (`expected.json`)"
        return
    if case.expected["case"] != case.file.id:
        yield f"the expectation is of case `{case.expected['case']}`"
    names = (found["frameworks"].keys(), case.expected["frameworks"].keys())
    yield from _only(*names, what="framework")
    for framework in [name for name in names[0] if name in names[1]]:
        mine, theirs = found["frameworks"][framework], case.expected["frameworks"][framework]
        yield from _only(mine["findings"], theirs["findings"], what=f"{framework}: threshold")
        for threshold in [name for name in mine["findings"] if name in theirs["findings"]]:
            pair = (mine["findings"][threshold], theirs["findings"][threshold])
            yield from _fields(f"{framework}, {threshold}", _FINDING_FIELDS, *pair)
        yield from _unmet_gates(framework, mine["gates"], theirs["gates"])
    if "logs" in case.expected and case.expected["logs"] != found.get("logs"):
        yield "the logs are not as recorded"


def _unmet_gates(
    framework: str, mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    if len(mine) != len(theirs):
        yield f"{framework}: expected {len(theirs)} gates, got {len(mine)}"
    for gate, said in zip(mine, theirs, strict=False):
        yield from _fields(f"{framework}, gate {gate['gate']}", _GATE_FIELDS, gate, said)


def _only(mine: Iterable[str], theirs: Iterable[str], *, what: str) -> Iterator[str]:
    found, written = set(mine), set(theirs)
    yield from (f"{what} `{name}` has no expectation" for name in sorted(found - written))
    yield from (f"{what} `{name}` is expected and not there" for name in sorted(written - found))


def _fields(
    where: str, fields: Iterable[str], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[str]:
    for name in fields:
        if name in theirs and theirs[name] != mine.get(name):
            yield f"{where}: {name}: expected {_said(theirs[name])}, got {_said(mine.get(name))}"


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unexplained(
    findings: Sequence[ReplayedFinding], gates: Sequence[ReplayedGate]
) -> Iterator[str]:
    for each in findings:
        if each.published and not each.agrees_alone and not each.cause.is_given:
            yield f"{each.framework}, {each.threshold}: a difference without a cause"
    for gate in gates:
        if gate.differs and not gate.cause.is_given:
            yield f"{gate.framework}, gate {gate.gate}: a difference without a cause"


# --- agreement ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often computed and published answers are the same, over some cases."""

    cases: int
    as_recorded: int
    findings: int
    """Thresholds that a determination was published on."""
    alone: int
    """Of these, those on which the engine alone agrees."""
    entered: int
    """Those on which it agrees with the determination entered."""
    gates: int
    """Gates of which it was published what the lab did."""
    on_record: int
    """Of these, those on which the decision on the record agrees."""
    at_its_word: int
    """Those on which it agrees with the lab taken at its word."""
    explained: int
    """Of the gates that differ on the record, those with a cause and a clause."""
    confusion: Mapping[tuple[str, str], int]
    """From (published, computed by the engine alone) to the number of thresholds."""
    causes: Mapping[str, int]
    """From kind of cause to the number of findings that differ."""


def agreement(replayed: Iterable[Replayed]) -> Agreement:
    """Count over some cases; `gates` and `findings` without anything published are left out."""
    cases = tuple(replayed)
    findings = [each for case in cases for each in case.findings if each.published]
    gates = [each for case in cases for each in case.gates if each.published != "not_said"]
    apart = [each for each in gates if not each.agrees]
    differ = [each for each in findings if not each.agrees_alone]
    return Agreement(
        cases=len(cases),
        as_recorded=sum(case.is_as_recorded for case in cases),
        findings=len(findings),
        alone=sum(each.agrees_alone for each in findings),
        entered=sum(each.agrees_entered for each in findings),
        gates=len(gates),
        on_record=len(gates) - len(apart),
        at_its_word=sum(each.agrees_at_its_word for each in gates),
        explained=sum(bool(each.cause.is_given and each.cause.clause) for each in apart),
        confusion=Counter((each.published, each.own) for each in findings),
        causes=Counter(each.cause.because or "not_said" for each in differ),
    )


def by_lab(replayed: Iterable[Replayed]) -> dict[str, tuple[Replayed, ...]]:
    """Return the cases of each lab, labs by name, cases in the order given."""
    found: dict[str, list[Replayed]] = {}
    for case in replayed:
        found.setdefault(case.lab, []).append(case)
    return {lab: tuple(found[lab]) for lab in sorted(found)}


def without_causes(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return an expectation without what only people write into it."""
    return {
        **expected,
        "frameworks": {
            name: {
                "findings": {
                    threshold: {key: value for key, value in each.items() if key not in HUMAN}
                    for threshold, each in part["findings"].items()
                },
                "gates": [
                    {key: gate[key] for key in gate if key not in HUMAN | {"published"}}
                    for gate in part["gates"]
                ],
            }
            for name, part in expected["frameworks"].items()
        },
    }

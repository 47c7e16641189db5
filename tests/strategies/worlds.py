"""Random worlds of the simulated lab (`lab.py`): a policy, the register, evidence good and bad.

Every condition drawn is monotone (more danger never helps, more evidence never hurts), as the
laws ask of a framework; `lint` reports one that is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.policy.document import Policy
from tests.strategies import lab
from tests.unit.evidence.log_making import Run

THRESHOLDS = ("T1", "T2", "T3", "T4")
LOG, OTHER_LOG = lab.DIGESTS["e"], lab.DIGESTS["f"]
CLOSED_LIST = frozenset(
    {Kind.MODEL, Kind.DEPLOYMENT, Kind.RUN, Kind.MAPPING, Kind.PLAN, Kind.ORDER, Kind.INCIDENT}
)
"""What names the evidence there must be, and what stands on the adverse register by its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A policy with everything on record about one lab."""

    policy: Policy
    records: tuple[Record, ...]
    logs: Mapping[str, EvalLog]

    def __repr__(self) -> str:
        """Show what a reader of a failing example needs: rows, documents with their payloads."""
        rows = [row.model_dump(mode="json", by_alias=True) for row in self.policy.commitments]
        kept = ("id", "if", "at", "require", "otherwise", "before", "modality")
        lines = [str({key: row[key] for key in kept}) for row in rows]
        lines += [
            f"{record.id}: {record.payload.model_dump(exclude_defaults=True)}"
            for record in self.records
        ]
        logs = {digest[:2]: len(log.samples.ids) for digest, log in self.logs.items()}
        return "\n".join(["", *lines, f"logs {logs}", ""])

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(repr(self))


def _triggers() -> st.SearchStrategy[object]:
    status = st.builds(
        lambda name, level: {"status": name, "at_least": level},
        st.sampled_from(THRESHOLDS),
        st.sampled_from(("not_ruled_out", "crossed", "ruled_out")),
    )
    flag = st.builds(
        lambda name, kind: {"flag": kind, "of_threshold": name},
        st.sampled_from(THRESHOLDS),
        st.sampled_from(("alert", "treated_as")),
    )
    other = st.sampled_from(
        (
            "always",
            {"fact": "F1"},
            {"fact": "C1x", "is": "us"},
            {"fact": "effective_compute_ratio", "at_least": 4},
            {"reading": "R", "is": "wide"},
            {"not": {"safeguard": "G1"}},
        )
    )
    atom = st.one_of(status, status, flag, other)
    several = st.lists(atom, min_size=1, max_size=2)
    return st.one_of(
        atom, several.map(lambda parts: {"any": parts}), several.map(lambda parts: {"all": parts})
    )


def _requirements() -> st.SearchStrategy[object]:
    atom = st.sampled_from(
        (
            {"safeguard": "G1"},
            {"safeguard": "G2"},
            {"safeguard": "G2", "at_least": "live_unproven"},
            {"met": "S1"},
            {"met": "S2"},
            {"substitute": "X1"},
            {"substitute": "X2"},
            {"act": "Q1"},
            {"act": "Q2"},
            {"document": "capability_report", "is": "covered"},
            {"document": "capability_report", "is": "approved"},
            {"fact": "F1"},
            {"fact": "C1x", "is": "eu"},
            {"fact": "effective_compute_ratio", "below": 4},
            {"status": "T2", "at_most": "ruled_out"},
        )
    )
    several = st.lists(atom, min_size=1, max_size=3)
    return st.one_of(
        atom,
        several.map(lambda parts: {"any": parts}),
        several.map(lambda parts: {"all": parts}),
        several.map(lambda parts: {"at_least": (len(parts) + 1) // 2, "of": parts}),
    )


@st.composite
def _rows(draw: st.DrawFn, index: int) -> lab.Plain:
    trigger = draw(_triggers())
    if draw(st.integers(0, 5)) == 5:
        # A clause whose text binds only on shown evidence.
        trigger = {"all": [{"fact": "H1"}, trigger]}
    changes: lab.Plain = {
        "if": trigger,
        "require": draw(_requirements()),
        "otherwise": draw(
            st.sampled_from(
                (
                    "hold",
                    "hold",
                    "withdraw",
                    {"level": "restrict", "limits": {"audience": "staff"}},
                    {"level": "restrict", "limits": {"audience": "named testers"}},
                )
            )
        ),
        "at": draw(st.sampled_from((["external_general"], ["external_general", "internal"]))),
    }
    if draw(st.booleans()):
        changes["obligations"] = [f"owed by K{index}"]
    if draw(st.integers(0, 4)) == 4:
        changes["before"] = [f"done before K{index}"]
    if draw(st.integers(0, 5)) == 5:
        changes |= {"modality": "may", "native_verb": "may"}
    return lab.row(f"K{index}", **changes)


@st.composite
def policies(draw: st.DrawFn, most_rows: int = 4) -> Policy:
    """Draw a policy of the lab."""
    count = draw(st.integers(1, most_rows))
    rows = [draw(_rows(index)) for index in range(count)]
    rows[0] |= {"modality": "must"}
    releases = draw(st.lists(st.sampled_from([item["id"] for item in rows]), unique=True))
    plain = lab.plain_policy(rows)
    combine = draw(st.sampled_from(("all", "any")))
    first, *others = lab.THRESHOLDS
    first = {**first, "combine": combine, "rules_out": draw(st.sampled_from(([], ["T3"])))}
    cite = {"cite": lab.CITE}
    changes: lab.Plain = {
        "thresholds": [first, *others],
        "discretions": [{**plain["discretions"][0], "releases": releases}],
        "semantics": {
            "verdict_valid_for": "365d",
            "not_ruled_out": {
                "rule": draw(st.sampled_from(("treat_as_crossed", "no_effect"))),
                **cite,
            },
            "softer_determination": {
                "rule": draw(st.sampled_from(("counts", "shown_beside"))),
                **cite,
            },
        },
    }
    if draw(st.integers(0, 4)) == 4:
        changes["exemptions"] = [
            {
                "id": "E1",
                "statement": "small growth",
                "when": {"fact": "effective_compute_ratio", "below": 4},
                "thresholds": draw(st.sampled_from((["T1"], ["T1", "T4"]))),
                "inherits": draw(st.booleans()),
                **cite,
            }
        ]
    if draw(st.integers(0, 4)) == 4:
        changes["elicitation"] = [
            {
                "id": "tried",
                "statement": "tried so",
                "shown_by": [draw(st.sampled_from(("scaffold", "fine_tuning", "helpful_only")))],
                "at": draw(st.sampled_from(([], ["internal"], ["open_weights"]))),
                "modality": draw(st.sampled_from(("must", "aim"))),
                "native_verb": "must",
                **cite,
            }
        ]
    return lab.policy_of(*rows, **changes)


def _controls(kind: str, value: str) -> list[Record]:
    """Return a control of the line P1, passed or failed, taken on something else."""
    tested = "checkpoint:experts/1"
    return [
        lab.mapping("P1", "control", id="map-control", control=kind),
        lab.result("P1", value, eval={"name": "P1"}, tested=tested, id="control"),
    ]


@st.composite
def _measured(draw: st.DrawFn) -> list[Record]:
    """Draw what is bound to the lines; a mapping without its document is on record too."""
    records: list[Record] = []
    grade = st.sampled_from((*["no_concern"] * 4, "some_concern", "substantial_concern"))
    value = st.sampled_from((*["0.01"] * 5, "0.3", "0.6", "0.95"))
    size = st.sampled_from((*[200] * 6, 5, None))
    how = st.sampled_from((*["bound"] * 8, "lost", "absent"))

    def take(name: str, record: Record, document: str | None = None) -> None:
        chosen = draw(how)
        if chosen != "absent":
            records.append(lab.mapping(name, document))
        if chosen == "bound":
            records.append(record)

    take("J1", lab.judgement("expert", draw(grade)), "expert")
    take("P1", lab.result("P1", draw(value), draw(size), true_from=draw(_seen())))
    if draw(st.integers(0, 4)) == 4:
        records.append(lab.hiding_check("P1", draw(st.sampled_from(("sign", "no_sign")))))
    if draw(st.integers(0, 4)) == 4:
        records.append(lab.elicited("P1", solved=draw(st.sampled_from((1, 1, 90)))))
    if draw(st.integers(0, 4)) == 4:
        records += _controls(draw(st.sampled_from(("positive", "negative"))), draw(value))
    take("C1", lab.counted("C1", draw(st.sampled_from((0, 1, 0, 1, 12, 20)))))
    take("R1", lab.result("R1", draw(value), draw(size)))
    if draw(st.integers(0, 4)) == 4:
        # A second measurement of one line: neither the best nor the last counts.
        second = {"id": "map-P1-again", "indicator": f"{lab.FRAMEWORK}/P1"}
        records.append(lab.mapping("P1-again", "result-P1-again", **second))
        records.append(lab.result("P1", draw(value), draw(size), id="result-P1-again"))
    if draw(st.integers(0, 4)) == 4:
        about = {"question": f"threshold:{lab.FRAMEWORK}/T1"}
        answer = draw(st.sampled_from(("unlikely", "cannot_rule_out", "likely")))
        records.append(lab.judgement("view", answer, **about))
    if draw(st.integers(0, 4)) == 4:
        checks = [{"method": "probe", "answers": [f"{lab.FRAMEWORK}/P1"]}]
        given = draw(st.sampled_from(({}, {"checks": checks})))
        planned = lab.planned("P1", samples=draw(st.sampled_from((100, 300))))
        records.append(lab.plan(planned, **given))
    return records


def _seen() -> st.SearchStrategy[str]:
    return st.sampled_from((*[lab.SEEN] * 6, "2024-06-01"))


@st.composite
def _guarded(draw: st.DrawFn) -> list[Record]:
    records: list[Record] = []
    often = st.sampled_from((True, True, True, False))
    if draw(often):
        records.append(lab.case_document())
    if draw(often):
        surfaces = draw(st.sampled_from((*[("api", "app")] * 3, ("api",))))
        live = [{"surface": name, "live": True} for name in surfaces]
        measured = lab.asr(upper=draw(st.sampled_from((0.03, 0.03, 0.03, 0.2))))
        records.append(lab.filters(surfaces=live, checks=[measured]))
    faults: tuple[lab.Plain, ...] = (
        {"live": False},
        {"sufficiency": {"shown": False}},
        {"valid_for": "10d"},
    )
    records += [
        lab.status(name, **draw(st.sampled_from((*[{}] * 5, *faults))))
        for name in ("status-g2", "status-g2-too")
        if draw(st.booleans())
    ]
    records += [lab.status(f"status-{name}", name) for name in ("X1", "S2") if draw(st.booleans())]
    if draw(st.integers(0, 7)) == 7:
        records.append(lab.incident(evidence=["result-P1"]))
    return records


@st.composite
def _said(draw: st.DrawFn) -> list[Record]:
    """Draw acts, facts and documents."""
    records: list[Record] = []
    level = st.sampled_from(("ruled_out", "not_ruled_out", "crossed"))
    answer = st.sampled_from(("approved", "approved", "refused"))
    roles = st.sampled_from(("ceo", "rso", "board", "intern"))
    for index in range(draw(st.integers(0, 3))):
        name, grounds = draw(st.sampled_from(THRESHOLDS)), draw(st.sampled_from(([], ["report"])))
        how = {"role": draw(roles), "grounds": grounds, "acted_at": f"2025-12-0{index + 1}"}
        records.append(lab.act(f"determine-{index}", f"threshold:{name}", draw(level), **how))
    for index in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(("question:Q1", "question:Q2", "substitute:X2", "before:K0")))
        how = {
            "role": draw(roles),
            "acted_at": f"2025-12-0{index + 1}",
            "grounds": draw(st.sampled_from(([], ["report"]))),
        }
        records.append(lab.act(f"act-{index}", name, draw(answer), **how))
    if draw(st.booleans()):
        records.append(lab.act("specify", "specification:S2", grounds=["safety-case"]))
    if draw(st.booleans()):
        option = draw(st.sampled_from(("narrow", "wide")))
        records.append(lab.act("read", "reading:R", option, role="rso"))
    if draw(st.booleans()):
        records.append(lab.act("invoke", "discretion:W1", "invoked"))
        for test in ("a", "b"):
            asked = {"question": f"discretion:{lab.FRAMEWORK}/W1/{test}"}
            records.append(lab.judgement(f"shown-{test}", "sufficient", **asked))
    if draw(st.integers(0, 4)) == 4 and records:
        target = draw(st.sampled_from([item.id for item in records if item.kind is Kind.ACT]))
        records.append(lab.reverse("undo", target, acted_at="2025-12-20"))
    values = {"F1": (True, False), "H1": (True, False), "C1x": ("eu", "us")}
    for name, options in values.items():
        records += [
            lab.fact(f"fact-{name}-{index}", name, draw(st.sampled_from(options)))
            for index in range(draw(st.integers(0, 2)))
        ]
    if draw(st.booleans()):
        records.append(lab.report(coverage_until=draw(st.sampled_from((lab.SEEN, "2025-01-01")))))
    return records


@st.composite
def runs(draw: st.DrawFn, least: int = 0) -> list[Run]:
    """Draw the runs of a log: mostly failures, with errors, limits and repeats among them."""
    kinds = {
        "clean": {"score": 0.0},
        "solved": {"score": 1.0},
        "error": {"error": "errored", "score": 0.0, "unscored": "absent"},
        "limit": {"limit": "token", "score": 0.0},
        "refused": {"is_refused": True, "score": 0.0},
    }
    common = st.sampled_from((*["clean"] * 30, *kinds))
    chosen = ["clean"] * draw(st.sampled_from((least, 60))) + draw(st.lists(common, max_size=12))
    return [Run(item=f"i{index}", **kinds[name]) for index, name in enumerate(chosen)]  # type: ignore[arg-type]


@st.composite
def _logged(draw: st.DrawFn) -> tuple[list[Record], dict[str, EvalLog]]:
    if draw(st.booleans()):
        return [], {}
    on_log = {"selects": {"log_sha256": LOG}}
    on_task = {"selects": {"task": {"name": "task", "version": "1", "scorer": "match"}}}
    how: lab.Plain = {
        **draw(st.sampled_from((on_log, on_task))),
        "taken_on": lab.HELPFUL,
        "elicitation": {"level": "E2", "description": "scaffolded"},
    }
    logs = {LOG: lab.eval_log(draw(runs()))}
    if draw(st.integers(0, 4)) == 4:
        logs[OTHER_LOG] = lab.eval_log(draw(runs()), eval_id="e2", run_id="r2")
    return [lab.mapping("L1", **how)], logs


@st.composite
def worlds(draw: st.DrawFn, most_rows: int = 4) -> World:
    """Draw a world."""
    mapped, logs = draw(_logged())
    records = [
        *lab.register(),
        *draw(_measured()),
        *draw(_guarded()),
        *draw(_said()),
        *mapped,
    ]
    if draw(st.integers(0, 5)) == 5:
        records.append(lab.order())
    return World(policy=draw(policies(most_rows)), records=tuple(records), logs=logs)

"""A simulated lab: one small policy with every kind of part, and documents of every kind.

Nothing is mocked: each document is written as text, read by `parse_document`, collected by
`bundle_of`, and decided through `inputs_of`, `assess` and `decide`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Inputs
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import Ask, Gate
from tests.unit.evidence.log_making import Run as Run  # noqa: PLC0414 (re-exported)
from tests.unit.evidence.log_making import log as undated_log

Plain = dict[str, Any]
CITE = {"document": "Lab policy", "section": "1", "page": "1"}
AT = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = "2025-12-01"
"""When evidence was observed and became known, unless a test says otherwise."""
DIGESTS = {name: name * 64 for name in "abcdef0123456789"}
MODEL, ROOT, CHECKPOINT = "model:m", "model:root", "checkpoint:m/final"
HELPFUL, DEPLOYMENT, RUN = "checkpoint:m/helpful", "deployment:d", "run:r"
FRAMEWORK = "lab@1"


def day(offset: int) -> str:
    """Return the day so many days after the instant asked about."""
    return (AT + timedelta(days=offset)).date().isoformat()


# --- the policy -----------------------------------------------------------------------------------


def line(name: str, **changes: Any) -> Plain:
    """Return a rule-out line on a share, which a good result of 200 items clears."""
    return {
        "id": name,
        "eval": name,
        "role": "rule_out",
        "measure": "proportion",
        "comparator": "at_least",
        "value": "0.5",
        "unit": "share",
        "safe_level": "0.02",
        "allowances": [
            {
                "component": "elicitation",
                "amount": 0,
                "statement": "the line contains it",
                "cite": CITE,
            }
        ],
        "statement": "a line",
        "cite": CITE,
        **changes,
    }


def graded(name: str, **changes: Any) -> Plain:
    """Return a line on a judgement."""
    plain = line(
        name,
        measure="judgement",
        value="substantial_concern",
        unit="grade",
        grades=["no_concern", "some_concern", "substantial_concern"],
    )
    del plain["safe_level"], plain["allowances"]
    return {**plain, **changes}


def threshold(name: str, *lines: Plain, **changes: Any) -> Plain:
    """Return a threshold with these lines."""
    return {
        "id": name,
        "native": name,
        "domain": "bio",
        "statement": "a threshold",
        "indicators": list(lines),
        "cite": CITE,
        **changes,
    }


def row(name: str, **changes: Any) -> Plain:
    """Return a commitment: unless changed, T1 crossed asks for G2 at one gate."""
    plain = {
        "id": name,
        "statement": "a row",
        "if": {"status": "T1", "at_least": "crossed"},
        "at": ["external_general"],
        "require": {"safeguard": "G2"},
        "otherwise": "hold",
        "modality": "must",
        "native_verb": "must",
        "cite": CITE,
    }
    return {**plain, **changes}


def safeguard(name: str, *checks: Plain, **changes: Any) -> Plain:
    """Return a safeguard of the policy."""
    return {
        "id": name,
        "native": f"Guard {name}",
        "family": "weight_security",
        "statement": "a safeguard",
        "checks": list(checks),
        "cite": CITE,
        **changes,
    }


def check(name: str, comparator: str, value: Any, **changes: Any) -> Plain:
    """Return a check of a safeguard, as the policy asks it."""
    plain = {"id": name, "statement": "a check", "comparator": comparator, "value": value}
    return {**plain, **changes}


THRESHOLDS = (
    threshold("T1", graded("J1"), line("P1")),
    threshold(
        "T2",
        line("C1", measure="count_of", value=15, unit="tasks", of=20, safe_level=1),
        line("R1", role="rule_in", value="0.8"),
    ),
    threshold("T3"),
    threshold("T4", line("L1")),
)
SAFEGUARDS = (
    safeguard(
        "G1",
        check("asr", "at_most", "0.05", unit="proportion", independent=True, fresh_for="90d"),
        family="deployment_filters",
        fresh_for="180d",
    ),
    safeguard("G2", fresh_for="180d"),
)
FACTS = (
    {"id": "F1", "type": "boolean", "statement": "a fact", "cite": CITE},
    {"id": "H1", "type": "boolean", "statement": "a fact", "burden": "to_hold", "cite": CITE},
    {"id": "C1x", "type": "choice", "choices": ["eu", "us"], "statement": "a fact", "cite": CITE},
    {
        "id": "effective_compute_ratio",
        "type": "number",
        "unit": "ratio",
        "statement": "growth",
        "cite": CITE,
    },
)
ROLES = (
    {"id": "ceo", "native": "CEO", "neutral": "decides", "rank": 9, "cite": CITE},
    {"id": "rso", "native": "RSO", "neutral": "decides", "rank": 8, "cite": CITE},
    {"id": "board", "native": "Board", "neutral": "informed", "rank": 5, "cite": CITE},
)


def plain_policy(rows: Iterable[Plain], **changes: Any) -> Plain:
    """Return the lab's policy as plain data; `changes` replace its parts."""
    return {
        "schema": "scalegate/policy@1",
        "id": "lab",
        "version": "1",
        "lab": "Lab",
        "title": "Lab policy",
        "effective_on": "2025-01-01",
        "source": {"title": "Lab policy", "published_at_url": "https://example.org/policy"},
        "semantics": {"verdict_valid_for": "365d"},
        "domains": [{"id": "bio", "neutral": "cbrn", "native": "Bio", "cite": CITE}],
        "thresholds": list(THRESHOLDS),
        "safeguards": list(SAFEGUARDS),
        "standards": [
            {"id": "S1", "native": "Standard 1", "members": ["G1", "G2"], "cite": CITE},
            {"id": "S2", "native": "Standard 2", "unspecified": True, "cite": CITE},
        ],
        "substitutes": [
            {
                "id": "X1",
                "kind": "interim",
                "in_place_of": "S1",
                "statement": "an interim measure",
                "approvals": ["Q2"],
                "expires_after": "60d",
                "obligations": ["tell the board"],
                "cite": CITE,
            },
            {
                "id": "X2",
                "kind": "adequacy_judgement",
                "in_place_of": "S1",
                "statement": "otherwise adequate",
                "cite": CITE,
            },
        ],
        "facts": list(FACTS),
        "roles": list(ROLES),
        "questions": [
            {
                "id": "Q1",
                "statement": "may it?",
                "act": "approve",
                "by": ["ceo", "rso"],
                "cite": CITE,
            },
            {
                "id": "Q2",
                "statement": "may it for now?",
                "act": "approve",
                "by": ["ceo", "rso"],
                "any_of": True,
                "expires_after": "90d",
                "cite": CITE,
            },
        ],
        "documents": [
            {
                "id": "capability_report",
                "statement": "a report",
                "covers_within": "90d",
                "approved_by": ["ceo"],
                "aspects": ["covered", "approved", "published"],
                "cite": CITE,
            }
        ],
        "commitments": list(rows),
        "discretions": [
            {
                "id": "W1",
                "statement": "a way out",
                "invoked_by": ["ceo"],
                "tests": [
                    {"id": "a", "statement": "one test", "evidence": "a paper"},
                    {"id": "b", "statement": "another", "evidence": "a paper"},
                ],
                "approvals": ["Q2"],
                "expires_after": "30d",
                "obligations": ["publish it"],
                "cite": CITE,
            }
        ],
        "readings": [
            {
                "id": "R",
                "statement": "an ambiguous clause",
                "options": [
                    {"id": "narrow", "statement": "narrow"},
                    {"id": "wide", "statement": "wide"},
                ],
                "fixed_by": ["rso"],
                "cite": CITE,
            }
        ],
        **changes,
    }


def policy_of(*rows: Plain, **changes: Any) -> Policy:
    """Return the lab's policy with these commitments, read from its text."""
    return parse_policy(json.dumps(plain_policy(rows, **changes)))


# --- documents ------------------------------------------------------------------------------------


def doc(kind: str, name: str, payload: Plain, **envelope: Any) -> Record:
    """Return a document, read from its text; by default about the model."""
    plain = {
        "schema": f"scalegate/{kind}@1",
        "id": name,
        "subject": MODEL,
        "true_from": SEEN,
        "known_from": SEEN,
        "source": {"document": "Record", "section": "1", "mark": "synthetic"},
        **envelope,
        "payload": payload,
    }
    return _parsed(json.dumps(plain), f"{name}.json")


@cache
def _parsed(text: str, file: str) -> Record:
    """Read a text once: random worlds repeat their documents."""
    return parse_document(text, file=file)


def register() -> list[Record]:
    """Return the register: a root, a model with two checkpoints, a deployment, a run."""
    model = {
        "series": "series:s",
        "lab": "lab:lab",
        "root": ROOT,
        "effective_compute_ratio": 2,
        "elicitation_months": 3,
        "checkpoints": [
            {"id": CHECKPOINT, "role": "shipped", "weights_sha256": DIGESTS["a"]},
            {"id": HELPFUL, "role": "elicitation"},
        ],
        "edges": [
            {"kind": "checkpoint_of", "start": CHECKPOINT, "to": MODEL},
            {"kind": "checkpoint_of", "start": HELPFUL, "to": MODEL},
            {
                "kind": "variant_of",
                "variant": "helpful_only",
                "start": HELPFUL,
                "to": CHECKPOINT,
            },
        ],
    }
    root = {
        "series": "series:s",
        "lab": "lab:lab",
        "is_root": True,
        "checkpoints": [{"id": "checkpoint:root/final", "role": "shipped"}],
    }
    return [
        doc("model", "model-m", model),
        doc("model", "model-root", root, subject=ROOT),
        deployment(),
        doc("run", "run-r", {"kind": "pretraining", "model": MODEL}, subject=RUN),
    ]


def deployment(**changes: Any) -> Record:
    """Return the deployment: two registered surfaces, a configuration with digests."""
    payload = {
        "checkpoint": CHECKPOINT,
        "surfaces": [{"name": "api", "kind": "api"}, {"name": "app", "kind": "first_party_app"}],
        "audience": "everyone",
        "configuration": {"sha256": DIGESTS["b"], "system_prompt_sha256": DIGESTS["c"]},
        **changes,
    }
    return doc("deployment", "deployment-d", payload, subject=DEPLOYMENT)


def mapping(name: str, document: str | None = None, **changes: Any) -> Record:
    """Return the mapping of a document (or of what `selects` says) to a line."""
    payload = {
        "selects": {"document": document or f"result-{name}"},
        "indicator": f"{FRAMEWORK}/{name}",
        "reason": "it measures what the line asks",
        **changes,
    }
    envelope = {key: payload.pop(key) for key in ("id", "known_from") if key in payload}
    return doc("mapping", envelope.pop("id", f"map-{name}"), payload, **envelope)


def result(name: str, value: str | float = "0.01", n: int | None = 200, **changes: Any) -> Record:
    """Return a published share for a line, taken on the helpful-only checkpoint."""
    payload: Plain = {
        "eval": {"name": name},
        "variant": "helpful_only",
        "tested": HELPFUL,
        "measure": "proportion",
        "unit": "proportion",
        "value": float(value),
        "elicitation": {"level": "E2", "description": "scaffolded"},
    }
    if n is not None:
        payload["n"] = n
    envelope = {
        key: changes.pop(key)
        for key in ("true_from", "known_from", "subject", "id")
        if key in changes
    }
    identifier = envelope.pop("id", f"result-{name}")
    return doc("published-result", identifier, {**payload, **changes}, **envelope)


def counted(name: str, count: int = 1, of: int = 20, **changes: Any) -> Record:
    """Return a published count for a line."""
    payload = {
        "eval": {"name": name},
        "variant": "helpful_only",
        "tested": HELPFUL,
        "measure": "count_of",
        "unit": "count",
        "count": count,
        "of": of,
        "elicitation": {"level": "E2", "description": "scaffolded"},
        **changes,
    }
    return doc("published-result", f"result-{name}", payload)


def judgement(name: str, answer: str = "no_concern", **changes: Any) -> Record:
    """Return a judgement of an expert; by default the one the graded line maps to."""
    scale = {"no_concern": "concern", "some_concern": "concern", "substantial_concern": "concern"}
    scale |= dict.fromkeys(
        ("ruled_out", "unlikely", "cannot_rule_out", "likely", "crossed"), "crossing"
    )
    payload = {
        "by": {"role": "expert"},
        "question": f"indicator:{FRAMEWORK}/J1",
        "statement": "as judged",
        "scale": scale.get(answer, "sufficiency"),
        "answer": answer,
        **changes,
    }
    envelope = {key: payload.pop(key) for key in ("subject", "true_from") if key in payload}
    return doc("judgement", name, payload, **envelope)


def status(name: str, safeguard_id: str = "G2", **changes: Any) -> Record:
    """Return evidence on a safeguard; by default live and shown sufficient by a case."""
    payload: Plain = {
        "safeguard": safeguard_id,
        "live": True,
        "observed_at": SEEN,
        "sufficiency": {"shown": True, "by": "the red team", "evidence": ["safety-case"]},
        **changes,
    }
    envelope = {
        key: payload.pop(key)
        for key in ("subject", "true_from", "known_from", "true_until")
        if key in payload
    }
    envelope.setdefault("subject", DEPLOYMENT)
    return doc("safeguard-status", name, payload, **envelope)


def filters(name: str = "status-g1", **changes: Any) -> Record:
    """Return evidence on the filters G1: on every surface, checked by an outsider."""
    payload: Plain = {
        "surfaces": [{"surface": "api", "live": True}, {"surface": "app", "live": True}],
        "checks": [asr()],
        **changes,
    }
    return status(name, "G1", **payload)


def asr(**changes: Any) -> Plain:
    """Return the measured attack success rate that G1 asks."""
    return {
        "id": "asr",
        "value": 0.01,
        "upper": 0.03,
        "unit": "proportion",
        "independence": "external",
        **changes,
    }


def hiding_check(name: str, found: str = "no_sign", **changes: Any) -> Record:
    """Return a check for hidden ability behind a line; by default a probe."""
    payload: Plain = {
        "method": "probe",
        "indicators": [f"{FRAMEWORK}/{name}"],
        "found": found,
        "statement": "as checked",
        "tested": HELPFUL,
        **changes,
    }
    return doc("hiding-check", payload.pop("id", f"check-{name}"), payload)


ALL_TRIED = (
    "scaffold",
    "tools",
    "helpful_only",
    "best_of_n",
    "temperature_sweep",
    "development_set_plateau",
)


def arm(name: str = "tuned", solved: int = 2, **changes: Any) -> Plain:
    """Return an arm of elicitation: everything up to fine-tuning on 64 demonstrations."""
    plain = {
        "id": name,
        "tried": [*ALL_TRIED, "fine_tuning"],
        "statement": "as tried",
        "by": "a team",
        "team": "separate",
        "hours": 40,
        "demonstrations": 64,
        "demonstrations_like": "same_distribution",
        "result": {"solved": solved, "of": 200},
        **changes,
    }
    return {key: value for key, value in plain.items() if value is not None}


def elicited(name: str, *arms: Plain, solved: int = 2, **changes: Any) -> Record:
    """Return a record of elicitation behind a line, which reaches E3b unless changed."""
    payload: Plain = {
        "indicators": [f"{FRAMEWORK}/{name}"],
        "statement": "as elicited",
        "tested": HELPFUL,
        "arms": list(arms) or [arm(solved=solved)],
        **changes,
    }
    return doc("elicitation-record", payload.pop("id", f"elicited-{name}"), payload)


def case_document() -> Record:
    """Return the safety case that the evidence on safeguards rests on."""
    return report("safety-case", kind="safety_case")


def report(name: str = "report", **changes: Any) -> Record:
    """Return a capability report: recent, approved, published."""
    payload = {
        "kind": "capability_report",
        "title": "Report",
        "coverage_until": SEEN,
        "covers": [MODEL],
        "approvals": [{"role": "ceo", "approved_at": SEEN}],
        "published": True,
        **changes,
    }
    return doc("document", name, payload)


def act(name: str, question: str, answer: str = "approved", **changes: Any) -> Record:
    """Return an act of the CEO on a question such as `question:Q1` or `threshold:T1`."""
    kind, _, rest = question.partition(":")
    verb = {"threshold": "determine", "reading": "interpret", "discretion": "invoke"}
    payload: Plain = {
        "act": verb.get(kind, "approve"),
        "by": {"role": "ceo", "name": "A. Person"},
        "question": f"{kind}:{FRAMEWORK}/{rest}",
        "answer": answer,
        "statement": "for reasons",
        **changes,
    }
    if "role" in payload:
        payload["by"] = {"role": payload.pop("role")}
    envelope = {
        key: payload.pop(key)
        for key in ("subject", "true_from", "true_until", "known_from")
        if key in payload
    }
    return doc("act", name, payload, **envelope)


def reverse(name: str, target: str, **changes: Any) -> Record:
    """Return an act that reverses another."""
    given = {"act": "reverse", "reverses": target, **changes}
    return act(name, "question:Q1", "reversed", **given)


def fact(name: str, fact_id: str, value: Any, **changes: Any) -> Record:
    """Return the value of a fact."""
    payload = {"fact": fact_id, "value": value, **changes}
    envelope = {key: payload.pop(key) for key in ("subject", "true_from") if key in payload}
    return doc("fact", name, payload, **envelope)


def plan(*runs: Plain, **changes: Any) -> Record:
    """Return a plan of these runs, fixed before the evidence was observed."""
    payload = {"runs": list(runs), "committed_at": "2025-10-01", **changes}
    return doc(
        "plan", "plan", payload, subject=payload.pop("subject", MODEL), true_from="2025-10-01"
    )


def planned(name: str, **changes: Any) -> Plain:
    """Return a planned run of a line's evaluation."""
    return {
        "id": f"run-{name}",
        "eval": {"name": name},
        "samples": 200,
        "elicitation": "E1",
        "answers": [f"{FRAMEWORK}/{name}"],
        **changes,
    }


def incident(name: str = "incident", **changes: Any) -> Record:
    """Return an open incident on the deployment that breaches G2."""
    payload = {
        "summary": "it happened",
        "occurred": {"start": SEEN},
        "discovered_at": SEEN,
        "severity": "serious",
        "safeguards": ["G2"],
        **changes,
    }
    return doc("incident", name, payload, subject=payload.pop("subject", DEPLOYMENT))


def order(name: str = "order", **changes: Any) -> Record:
    """Return an order that holds the deployment."""
    payload = {
        "authority": "A court",
        "kind": "court",
        "reaches": {"subjects": [DEPLOYMENT]},
        "effect": "hold",
        "statement": "stop",
        **changes,
    }
    envelope = {key: payload.pop(key) for key in ("true_from", "true_until") if key in payload}
    return doc("order", name, payload, subject=DEPLOYMENT, **envelope)


def eval_log(runs: list[Run], **changes: Any) -> EvalLog:
    """Return a log of these runs, finished when evidence was observed."""
    return undated_log(runs, **{"completed_at": AT - timedelta(days=31), **changes})


def clean() -> list[Record]:
    """Return evidence that rules T1 and T2 out and shows both safeguards sufficient."""
    return [
        mapping("J1", "expert"),
        judgement("expert"),
        mapping("P1"),
        result("P1"),
        mapping("C1"),
        counted("C1"),
        mapping("R1"),
        result("R1"),
        case_document(),
        filters(),
        status("status-g2"),
    ]


# --- deciding -------------------------------------------------------------------------------------

LOGS: Mapping[str, EvalLog] = {}


def inputs(
    policy: Policy,
    records: Iterable[Record],
    logs: Mapping[str, EvalLog] = LOGS,
    *,
    at: datetime = AT,
) -> Inputs:
    """Return what a decision is computed from, as known at the instant."""
    bundle = bundle_of(records, logs).as_of(at, at)
    return inputs_of(compile_policy(policy), bundle, policy_digest=DIGESTS["0"])


def assessed(
    policy: Policy,
    records: Iterable[Record],
    *,
    logs: Mapping[str, EvalLog] = LOGS,
    at: datetime = AT,
    ref: str = DEPLOYMENT,
) -> Assessment:
    """Assess a subject from the register and these records."""
    return assess(inputs(policy, [*records], logs, at=at), ref, at)


def world(*records: Record, policy: Policy | None = None, **how: Any) -> Assessment:
    """Assess the deployment from the register and these records, newest register entry first."""
    replaced = {record.id for record in records}
    base = [record for record in register() if record.id not in replaced]
    return assessed(policy or policy_of(row("K")), [*base, *records], **how)


def decided(
    known: Assessment, gate: Gate = Gate.EXTERNAL_GENERAL, ask: Ask = Ask.START
) -> Decision:
    """Decide a gate."""
    return decide(known, gate, ask)

"""A made-up lab, model and pair of policies, decided by the real functions, for report tests.

Everything a report can show is in it: a ladder with one rung measured and one not, a determination
softer than the finding with a dissent, a stale and an absent safeguard, an order, a reading, a row
that does not bind, an unarmed clause, a clock that ran out, a gate that is open until something
expires, and a policy that is silent at a gate. `text` stands wherever a document takes free text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from scalegate.base.canonical import digest_of
from scalegate.base.instants import parse_instant
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.parse import parse_document
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.clocks import Clock, clocks
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision
from scalegate.gate.why_not import why_not
from scalegate.policy.compile import compile_policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import Ask, Gate
from scalegate.report.arrange import arrange
from scalegate.report.model import DecisionKey, Report, WorkSets, decision_key

AS_OF = "2031-03-01"
SUBJECT = "deployment:orion-general"
PLAIN = "A sentence of the made-up document."
URL = "https://example.org/policy.pdf"
ASKED = (
    (Gate.STORE, Ask.CONTINUE),
    (Gate.INTERNAL, Ask.START),
    (Gate.EXTERNAL_GENERAL, Ask.START),
)

FIRST = """
schema: scalegate/policy@1
id: meridian-fsf
version: "3.2"
lab: Meridian
title: @TEXT@
effective_on: "2030-07-01"
source: {title: Framework 3.2, published_at_url: @URL@, note: @TEXT@}
semantics:
  not_ruled_out: {rule: treat_as_crossed, cite: {document: FSF 3.2, section: "2", page: "4"}}
  softer_determination: {rule: shown_beside, ours: @TEXT@}
  verdict_valid_for: 1y
domains:
  - {id: bio, neutral: cbrn, native: Biology, cite: {document: FSF 3.2, section: "1", url: @URL@}}
  - {id: rnd, neutral: ai_rnd, native: AI research, cite: {document: FSF 3.2, section: "1"}}
  - {id: cyber, neutral: cyber, native: Cyber, watch_list: true, cite: {document: FSF 3.2}}
thresholds:
  - id: BIO-1
    native: BIO-1 novice uplift
    domain: bio
    statement: @TEXT@
    operational_test: @TEXT@
    required: @TEXT@
    indicators:
      - {id: lab-protocols, eval: Lab protocols, role: rule_out, measure: proportion,
         comparator: at_least, value: 0.6, unit: share, safe_level: 0.1, statement: @TEXT@,
         cite: {document: FSF 3.2, section: "2.1", page: "5"}}
    cite: {document: FSF 3.2, section: "2.1", page: "5"}
  - id: BIO-2
    native: BIO-2 expert uplift
    domain: bio
    statement: @TEXT@
    above: [BIO-1]
    cite: {document: FSF 3.2, section: "2.2", page: "5"}
  - id: RND-1
    native: RND-1 day-long tasks
    domain: rnd
    statement: @TEXT@
    indicators:
      - {id: horizon, eval: Software tasks, role: rule_out, measure: horizon_minutes,
         comparator: at_least, value: 480, unit: minutes, success_level: 0.5, ours: @TEXT@,
         statement: @TEXT@, cite: {document: FSF 3.2, section: "2.3", page: "6"}}
    cite: {document: FSF 3.2, section: "2.3", page: "6"}
safeguards:
  - {id: filters, native: Classifiers, family: deployment_filters, statement: @TEXT@,
     fresh_for: 6m, cite: {document: FSF 3.2, section: "3.1", page: "7"}}
  - {id: vault, native: Weight vault, family: weight_security, statement: @TEXT@,
     cite: {document: FSF 3.2, section: "3.2", page: "7"}}
standards:
  - {id: level-3, native: Level 3, members: [filters, vault],
     cite: {document: FSF 3.2, section: "3", page: "7"}}
facts:
  - {id: rival-ahead, type: boolean, statement: @TEXT@, burden: to_hold,
     cite: {document: FSF 3.2, section: "5"}}
roles:
  - {id: rso, native: Scaling officer, neutral: decides, rank: 50,
     cite: {document: FSF 3.2, section: "6"}}
discretions:
  - id: marginal
    statement: @TEXT@
    invoked_by: [rso]
    releases: [bio-release]
    cite: {document: FSF 3.2, section: "7"}
readings:
  - id: scope
    statement: @TEXT@
    options: [{id: narrow, statement: @TEXT@}, {id: wide, statement: @TEXT@}]
    fixed_by: [rso]
    cite: {document: FSF 3.2, section: "4"}
commitments:
  - id: store-always
    statement: @TEXT@
    if: {status: BIO-2, at_least: crossed}
    at: [store]
    require: {safeguard: vault, at_least: live_unproven}
    otherwise: withdraw
    modality: must
    native_verb: must
    cite: {document: FSF 3.2, section: "4.1", page: "8"}
  - id: bio-release
    statement: @TEXT@
    if: {status: BIO-1, at_least: crossed}
    at: [external_general]
    require: {met: level-3}
    otherwise: {level: hold, obligations: [@TEXT@]}
    modality: will
    native_verb: will
    cite: {document: FSF 3.2, section: "4.2", page: "8"}
  - id: rnd-internal
    statement: @TEXT@
    if: {all: [{status: RND-1, at_least: crossed}, {reading: scope, is: wide}]}
    at: [internal]
    require: {safeguard: vault}
    otherwise: {level: restrict, limits: {audience: staff}}
    modality: will
    native_verb: will
    cite: {document: FSF 3.2, section: "4.3", page: "9"}
  - id: rival
    statement: @TEXT@
    if: {fact: rival-ahead, is: true}
    at: [external_general]
    require: {safeguard: vault}
    otherwise: hold
    modality: must
    native_verb: must
    cite: {document: FSF 3.2, section: "4.4", page: "9"}
  - id: advice
    statement: @TEXT@
    at: [external_general]
    require: {safeguard: filters}
    otherwise: hold
    modality: aim
    native_verb: aims to
    cite: {document: FSF 3.2, section: "4.5", page: "9"}
elicitation:
  - id: tuned
    statement: @TEXT@
    shown_by: [scaffold, fine_tuning]
    modality: will
    native_verb: will
    cite: {document: FSF 3.2, section: "9", page: "12"}
  - id: judged
    statement: @TEXT@
    modality: aim
    native_verb: aims to
    cite: {document: FSF 3.2, section: "9", page: "12"}
duties:
  - id: publish
    statement: @TEXT@
    starts_on: @TEXT@
    started_by: event
    within: 30d
    to: [@TEXT@]
    must_contain: [@TEXT@]
    modality: will
    native_verb: will
    cite: {document: FSF 3.2, section: "8", page: "12"}
notes: [@TEXT@]
"""

SECOND = """
schema: scalegate/policy@1
id: other-frame
version: "1"
lab: Meridian
title: Another framework
effective_on: "2030-01-01"
source: {title: Other 1, published_at_url: "https://example.org/other"}
semantics: {verdict_valid_for: 1y}
domains:
  - {id: bio, neutral: cbrn, native: Biology, cite: {document: Other 1}}
thresholds:
  - id: B
    native: Level B
    domain: bio
    statement: @TEXT@
    indicators:
      - {id: protocols, eval: Lab protocols, role: rule_out, measure: proportion,
         comparator: at_least, value: 0.9, unit: share, safe_level: 0.1, statement: @TEXT@,
         allowances: [{component: elicitation, amount: 0, statement: @TEXT@, ours: @TEXT@}],
         cite: {document: Other 1, section: "1"}}
    cite: {document: Other 1, section: "1"}
safeguards:
  - {id: watch, native: Monitoring, family: response, statement: @TEXT@,
     cite: {document: Other 1, section: "2"}}
commitments:
  - id: B-release
    statement: @TEXT@
    if: {status: B, at_least: not_ruled_out}
    at: [external_general, internal]
    require: {safeguard: watch}
    otherwise: hold
    modality: must
    native_verb: shall
    cite: {document: Other 1, section: "3"}
silent_at: [{gate: store, searched: @TEXT@}]
"""

HEAD = """
schema: scalegate/{kind}@1
id: {id}
subject: {subject}
true_from: "{since}"
known_from: "{since}"
source: {{document: @TEXT@, section: "7", page: "89", url: @URL@, mark: primary}}
payload: {payload}
"""

MODEL = "model:orion"
DOCUMENTS: tuple[tuple[str, str, str, str, Mapping[str, object]], ...] = (
    (
        "model",
        "model-orion",
        MODEL,
        "2031-01-01",
        {
            "series": "series:orion",
            "lab": "lab:meridian",
            "checkpoints": [
                {"id": "checkpoint:orion/release", "role": "shipped", "refuses": True},
                {"id": "checkpoint:orion/helpful", "role": "elicitation", "refuses": False},
            ],
            "edges": [
                {"kind": "checkpoint_of", "start": "checkpoint:orion/release", "to": MODEL},
                {"kind": "checkpoint_of", "start": "checkpoint:orion/helpful", "to": MODEL},
                {
                    "kind": "variant_of",
                    "start": "checkpoint:orion/helpful",
                    "to": "checkpoint:orion/release",
                    "variant": "helpful_only",
                },
            ],
            "is_root": True,
        },
    ),
    (
        "deployment",
        "deployment-orion-general",
        SUBJECT,
        "2031-01-01",
        {
            "checkpoint": "checkpoint:orion/release",
            "surfaces": [
                {"name": "app", "kind": "first_party_app"},
                {"name": "api", "kind": "api"},
            ],
            "audience": "everyone",
            "gates": ["external_general"],
        },
    ),
    (
        "published-result",
        "protocols-result",
        MODEL,
        "2031-01-10",
        {
            "eval": {"name": "Lab protocols", "harness": "harness 2"},
            "variant": "helpful_only",
            "tested": "checkpoint:orion/helpful",
            "measure": "proportion",
            "unit": "proportion",
            "value": 0.35,
            "n": 200,
            "n_of": "tasks",
            "elicitation": {"level": "E2", "description": "@TEXT@"},
        },
    ),
    *(
        (
            "mapping",
            f"map-{name}",
            MODEL,
            "2031-01-10",
            {
                "selects": {"document": "protocols-result"},
                "indicator": f"{framework}/{line}",
                "reason": "@TEXT@",
            },
        )
        for name, framework, line in (
            ("first", "meridian-fsf@3.2", "lab-protocols"),
            ("second", "other-frame@1", "protocols"),
        )
    ),
    (
        "safeguard-status",
        "filters-status",
        SUBJECT,
        "2030-03-01",
        {
            "safeguard": "filters",
            "framework": "meridian-fsf@3.2",
            "live": True,
            "surfaces": [{"surface": "app", "live": True}, {"surface": "api", "live": True}],
            "claimed_state": "live_and_sufficient",
            "specification": "public",
            "observed_at": "2030-03-01",
        },
    ),
    (
        "act",
        "determine-bio-1",
        MODEL,
        "2031-02-01",
        {
            "act": "determine",
            "by": {"role": "rso"},
            "question": "threshold:meridian-fsf@3.2/BIO-1",
            "answer": "ruled_out",
            "statement": "@TEXT@",
            "grounds": ["protocols-result"],
            "dissent": [{"by": "an evaluator", "statement": "@TEXT@"}],
            "recorded_by": "@TEXT@",
        },
    ),
    (
        "act",
        "publish-started",
        MODEL,
        "2031-01-05",
        {
            "act": "inform",
            "to": "the public",
            "by": {"role": "rso"},
            "question": "duty:meridian-fsf@3.2/publish",
            "answer": "started",
            "statement": "@TEXT@",
            "recorded_by": "@TEXT@",
        },
    ),
    (
        "order",
        "court-order",
        SUBJECT,
        "2031-02-10",
        {
            "authority": "A court",
            "kind": "court",
            "reaches": {"subjects": [SUBJECT], "gates": ["internal"]},
            "effect": "hold",
            "statement": "@TEXT@",
            "review_on": "2031-09-01",
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """What `arrange` takes, and what it gives."""

    assessments: tuple[Assessment, ...]
    decisions: tuple[Decision, ...]
    works: Mapping[DecisionKey, WorkSets]
    clocks: Mapping[tuple[str, str], tuple[Clock, ...]]

    def report(self) -> Report:
        """Arrange the case."""
        return arrange(
            self.assessments,
            self.decisions,
            self.works,
            self.clocks,
            engine="0.0.1",
            title="Orion: general release",
            generated_for="a made-up board",
        )


def filled(text: str, words: str, url: str) -> str:
    """Put free text and an address into a document."""
    quoted = json.dumps(words)
    # Payloads are JSON inside YAML: there the mark already stands in quotes.
    return (
        text.replace('"@TEXT@"', quoted).replace("@TEXT@", quoted).replace("@URL@", json.dumps(url))
    )


def report_case(words: str = PLAIN, url: str = URL) -> ReportCase:
    """Decide the made-up case, with this free text in its documents and address in its policy."""
    records = [
        parse_document(
            filled(
                HEAD.format(
                    kind=kind,
                    id=name,
                    subject=json.dumps(subject),
                    since=since,
                    payload=json.dumps(payload),
                ),
                words,
                URL,
            ),
            file=name,
        )
        for kind, name, subject, since, payload in DOCUMENTS
    ]
    at = parse_instant(AS_OF)
    bundle: Bundle[EvalLog] = bundle_of(records, {})
    assessments, decisions, works, running = [], [], {}, {}
    for text in (FIRST, SECOND):
        policy = parse_policy(filled(text, words, url))
        inputs = inputs_of(
            compile_policy(policy), bundle, policy_digest=digest_of(policy.to_plain())
        )
        known = assess(at_instant(inputs, at, at), SUBJECT, at)
        assessments.append(known)
        running[policy.name, SUBJECT] = clocks(known.inputs, known.subject, at)
        for gate, ask in ASKED:
            decision = decide(known, gate, ask)
            decisions.append(decision)
            works[decision_key(decision)] = why_not(known, decision, by_judgement=True)
    return ReportCase(
        assessments=tuple(assessments), decisions=tuple(decisions), works=works, clocks=running
    )

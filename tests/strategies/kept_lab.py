"""A made-up lab that keeps a register: models, deployments, runs, orders, incidents, documents.

Dates are in 2031. `make_kept_lab` writes it as files and imports them into a workspace.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scalegate.app.importing import import_paths
from scalegate.wiring import create_workspace

Plain = dict[str, Any]
CITE = "{document: North policy, section: '1'}"
FRAMEWORK = "north@1"

POLICY = f"""
schema: scalegate/policy@1
id: north
version: "1"
lab: North
title: North policy
effective_on: "2030-01-01"
source: {{title: North policy, published_at_url: "https://example.org/north.pdf"}}
domains:
  - {{id: cyber, neutral: cyber, native: Cyber, cite: {CITE}}}
  - {{id: bio, neutral: cbrn, native: Biology, cite: {CITE}}}
thresholds:
  - {{id: CYBER-2, native: Critical, domain: cyber, statement: finds zero-days alone, cite: {CITE}}}
  - {{id: BIO-1, native: Novice uplift, domain: bio, statement: helps novices, cite: {CITE}}}
safeguards:
  - {{id: isolation, native: Isolation of training, family: weight_security,
     statement: clusters without a way out, cite: {CITE}}}
  - {{id: classifiers, native: Classifiers, family: deployment_filters,
     statement: blocks dangerous answers, cite: {CITE}}}
roles:
  - {{id: leadership, native: Leadership, neutral: decides, rank: 80, cite: {CITE}}}
documents:
  - {{id: safeguards_report, statement: Safeguards Report, covers_within: 90d,
     approved_by: [leadership], aspects: [covered, approved, sent],
     must_contain: [threat model, efficacy of each safeguard, known limits],
     sent_to: [{{audience: Board, redaction: none, within: 14d}}, {{audience: public}}],
     cite: {CITE}}}
commitments:
  - id: HALT
    statement: No training at Critical without isolation.
    if: {{status: CYBER-2, at_least: crossed}}
    at: [train]
    require: {{safeguard: isolation}}
    otherwise: hold
    modality: must
    native_verb: must
    cite: {CITE}
  - id: RELEASE
    statement: No release at novice uplift without classifiers.
    if: {{status: BIO-1, at_least: crossed}}
    at: [external_limited, external_general]
    require: {{safeguard: classifiers}}
    otherwise: hold
    modality: must
    native_verb: must
    cite: {CITE}
"""


def document(kind: str, name: str, subject: str, since: str, payload: Plain) -> Plain:
    """Return a document that is true and known from the same day, unless the payload says."""
    return {
        "schema": f"scalegate/{kind}@1",
        "id": name,
        "subject": subject,
        "true_from": payload.pop("true_from", since),
        "known_from": since,
        "source": {"document": "North record", "section": name, "mark": "synthetic"},
        "payload": payload,
    }


def order(name: str, since: str, **changes: Any) -> Plain:
    """Return an order of the lab on its own runs."""
    payload = {
        "authority": "North leadership",
        "kind": "voluntary",
        "reaches": {"subjects": ["model:polar-2"], "run_kinds": ["reinforcement"]},
        "effect": "hold",
        "statement": "Reinforcement runs wait for the new isolation.",
        **changes,
    }
    return document("order", name, "lab:north", since, payload)


def run(name: str, *labels: str, **changes: Any) -> Plain:
    """Return a reinforcement run of polar-2."""
    payload = {
        "kind": "reinforcement",
        "checkpoint": "checkpoint:polar-2/final",
        "labels": list(labels),
        **changes,
    }
    return document("run", f"register-{name}", f"run:{name}", "2031-01-10", payload)


def isolation(name: str, since: str) -> Plain:
    """Return evidence that a run is isolated, and that this was shown to be enough."""
    payload = {
        "safeguard": "isolation",
        "live": True,
        "observed_at": since,
        "sufficiency": {"shown": True, "by": "North security", "evidence": ["isolation-review"]},
    }
    return document("safeguard-status", f"isolation-{name}", f"run:{name}", since, payload)


MODELS = (
    document(
        "model",
        "register-polar-2",
        "model:polar-2",
        "2031-01-02",
        {
            "series": "series:polar",
            "lab": "lab:north",
            "is_root": True,
            "checkpoints": [
                {"id": "checkpoint:polar-2/final", "role": "shipped", "refuses": True},
                {"id": "checkpoint:polar-2/helpful-only", "role": "elicitation"},
            ],
            "edges": [
                {
                    "kind": "variant_of",
                    "variant": "helpful_only",
                    "start": "checkpoint:polar-2/helpful-only",
                    "to": "checkpoint:polar-2/final",
                }
            ],
        },
    ),
    document(
        "act",
        "cyber-2-polar-2",
        "model:polar-2",
        "2031-01-05",
        {
            "act": "determine",
            "by": {"role": "leadership"},
            "question": f"threshold:{FRAMEWORK}/CYBER-2",
            "answer": "crossed",
            "statement": "Critical was reached.",
            "grounds": ["capability-report"],
        },
    ),
    document(
        "document",
        "capability-report",
        "model:polar-2",
        "2031-01-04",
        {
            "kind": "capability_report",
            "title": "Capability report",
            "coverage_until": "2031-01-03",
            "covers": ["model:polar-2"],
            "published": True,
        },
    ),
    document(
        "document",
        "isolation-review",
        "model:polar-2",
        "2031-01-05",
        {
            "kind": "external_review",
            "title": "Review of the isolation",
            "coverage_until": "2031-01-05",
            "covers": ["model:polar-2"],
            "published": False,
        },
    ),
)
RUNS = (run("large", "largest"), run("experiment-1", "experimental"), run("experiment-2"))
ISOLATED = tuple(isolation(name, "2031-01-12") for name in ("large", "experiment-1"))
ORDERS = (
    order(
        "order-incident",
        "2031-02-01",
        kind="incident",
        reaches={"run_kinds": ["reinforcement"]},
        statement="Two weeks without reinforcement runs.",
        lifted_at="2031-02-15",
        incident="incident-1",
    ),
    order("order-hold", "2031-02-10", review_on="2031-03-01"),
)
NARROWED = order(
    "order-hold",
    "2031-03-10",
    reaches={
        "subjects": ["model:polar-2"],
        "run_kinds": ["reinforcement"],
        "labels": ["experimental"],
    },
    review_on="2031-04-01",
)


def heir(number: int, since: str) -> Plain:
    """Return the model that succeeds the one of the number before, 1.7 times its compute."""
    edge = {
        "kind": "successor_of",
        "start": f"model:polar-{number}",
        "to": f"model:polar-{number - 1}",
        "effective_compute_ratio": 1.7,
        "elicitation_months": 1,
    }
    payload: Plain = {"series": "series:polar", "lab": "lab:north", "edges": [edge]}
    if number == 3:
        edges = [edge, {**BOUND, "start": "model:polar-3", "to": "model:polar-2"}]
        payload["edges"] = edges
    return document("model", f"register-polar-{number}", f"model:polar-{number}", since, payload)


BOUND: Plain = {"kind": "bounded_by", "domains": ["cbrn"], "evidence": ["capability-report"]}
HEIRS = (heir(3, "2031-05-01"), heir(4, "2031-06-01"), heir(5, "2031-07-01"))


def deployment(since: str, *surfaces: tuple[str, str], **changes: Any) -> Plain:
    """Return the general deployment of polar-2, reached by these surfaces."""
    payload = {
        "checkpoint": "checkpoint:polar-2/final",
        "surfaces": [{"name": name, "kind": kind} for name, kind in surfaces],
        "audience": "everyone",
        "gates": ["external_general"],
        **changes,
    }
    name = "register-polar-general"
    return document("deployment", name, "deployment:polar-general", since, payload)


KNOWN_SURFACES = (("api", "api"), ("app", "first_party_app"))
DEPLOYMENTS = (
    deployment("2031-01-15", *KNOWN_SURFACES),
    # The vendors' access was there all along, and was found and registered in April.
    deployment("2031-04-20", *KNOWN_SURFACES, ("vendors", "vendor_access"), true_from="2031-01-15"),
)
CLASSIFIERS = document(
    "safeguard-status",
    "classifiers-polar",
    "deployment:polar-general",
    "2031-01-16",
    {
        "safeguard": "classifiers",
        "live": True,
        "observed_at": "2031-01-16",
        "surfaces": [{"surface": name, "live": True} for name, _ in KNOWN_SURFACES],
        "sufficiency": {"shown": True, "by": "Red team", "evidence": ["capability-report"]},
    },
)
NOVICE = document(
    "act",
    "bio-1-polar-2",
    "model:polar-2",
    "2031-01-05",
    {
        "act": "determine",
        "by": {"role": "leadership"},
        "question": f"threshold:{FRAMEWORK}/BIO-1",
        "answer": "crossed",
        "treated_as": True,
        "statement": "Treated as reached, as a precaution.",
        "grounds": ["capability-report"],
    },
)


def incident(since: str, **changes: Any) -> Plain:
    """Return the incident of February, as known from a day."""
    payload = {
        "summary": "The classifiers were off on one endpoint.",
        "occurred": {"start": "2031-02-20", "end": "2031-02-25"},
        "discovered_at": "2031-02-26",
        "severity": "serious",
        "safeguards": ["classifiers"],
        "evidence": ["classifiers-polar"],
        "domains": ["cbrn"],
        "reported_to": ["Board"],
        "true_from": "2031-02-20",
        **changes,
    }
    return document("incident", "incident-1", "deployment:polar-general", since, payload)


INCIDENT = (
    incident("2031-02-26"),
    incident("2031-03-05", closed_by="close-incident-1", closed_at="2031-03-05"),
    document(
        "act",
        "close-incident-1",
        "deployment:polar-general",
        "2031-03-05",
        {
            "act": "determine",
            "by": {"role": "leadership"},
            "question": f"question:{FRAMEWORK}/incident-1",
            "answer": "closed",
            "statement": "Repaired, and checked on every endpoint.",
        },
    ),
)
SAFEGUARDS_REPORT = document(
    "document",
    "safeguards-report",
    "series:polar",
    "2031-04-10",
    {
        "kind": "safeguards_report",
        "title": "Safeguards Report, spring 2031",
        "coverage_until": "2031-04-01",
        "covers": ["model:polar-2", "model:polar-3"],
        "contains": ["threat model"],
        "audiences": [
            {"name": "Board", "redaction": "minor", "sent_at": "2031-04-10"},
            {"name": "Public", "redaction": "significant", "sent_at": "2031-04-12"},
        ],
        "approvals": [{"role": "leadership", "approved_at": "2031-04-09"}],
        "published": True,
        "published_at": "2031-04-12",
    },
)
DOCUMENTS: tuple[Plain, ...] = (
    *MODELS,
    *RUNS,
    *ISOLATED,
    *ORDERS,
    NARROWED,
    *HEIRS,
    *DEPLOYMENTS,
    CLASSIFIERS,
    NOVICE,
    *INCIDENT,
    SAFEGUARDS_REPORT,
)


def write_kept(folder: Path) -> None:
    """Write the lab's documents as files; versions of one id are numbered."""
    folder.mkdir()
    for number, plain in enumerate(DOCUMENTS):
        text = json.dumps(plain, indent=2)
        (folder / f"{number:03d}-{plain['id']}.json").write_text(text, encoding="utf-8")


def make_kept_lab(folder: Path) -> Path:
    """Make a workspace of the lab, with its policy and all its documents."""
    documents = folder.with_name(f"{folder.name}-documents")
    write_kept(documents)
    workspace = create_workspace(folder, name="North", frameworks=(FRAMEWORK,))
    (folder / "policies" / f"{FRAMEWORK}.yaml").write_text(POLICY, encoding="utf-8")
    report = import_paths(workspace.store, workspace.reader, [documents])
    assert report.is_complete, report
    workspace.store.close()
    return folder

"""Every field of every part of a policy is compared, or it is said why not.

A field that the policy language gains fails here until somebody has decided what its change means.
"""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from scalegate.policy.document import (
    Amendment,
    Cadence,
    Check,
    Commitment,
    Discretion,
    DocumentKind,
    DomainEntry,
    Duty,
    Exemption,
    Fact,
    Indicator,
    Policy,
    Question,
    Reading,
    Requirement,
    RoleEntry,
    Safeguard,
    Semantics,
    Standard,
    Substitute,
    Threshold,
)
from scalegate.policy.governance import Carriage, Grace

ELEMENT = "compared as an element"
GATE = "a gate shows it"
WORDS = "words for people, or where they stand"
MATCH = "what a part is matched by"
EVIDENCE = "which records of an older version count: other ones in each version by nature"
WHOLE = "the policy as such: named at the head of a difference"

FIELDS: dict[type[BaseModel], dict[str, str]] = {
    Policy: {
        **dict.fromkeys(("schema_", "id", "version", "lab", "title", "effective_on",
                         "superseded_on", "supersedes", "source", "scope", "notes"), WHOLE),
        **dict.fromkeys(("semantics", "domains", "thresholds", "safeguards", "standards",
                         "substitutes", "facts", "roles", "questions", "documents", "commitments",
                         "discretions", "readings", "duties", "cadence", "elicitation",
                         "exemptions", "amendment"), ELEMENT),
        "silent_at": GATE,
        "carried_over": EVIDENCE,
    },
    DomainEntry: {"id": MATCH, "neutral": MATCH, "native": WORDS, "watch_list": ELEMENT,
                  "cite": WORDS},
    Threshold: {"id": MATCH, "native": ELEMENT, "domain": WORDS, "kind": ELEMENT,
                "statement": WORDS, "operational_test": ELEMENT, "above": ELEMENT,
                "rules_out": ELEMENT, "combine": ELEMENT, "indicators": ELEMENT,
                "required": WORDS, "cite": WORDS},
    Indicator: {"id": MATCH, "threshold": MATCH, "subjects": ELEMENT, "eval": ELEMENT,
                "harness": ELEMENT, "role": ELEMENT, "measure": ELEMENT, "comparator": ELEMENT,
                "value": ELEMENT, "grades": ELEMENT, "unit": ELEMENT, "success_level": ELEMENT,
                "of": ELEMENT, "estimand": ELEMENT, "safe_level": ELEMENT, "alpha": ELEMENT,
                "allowances": ELEMENT, "ours": WORDS, "statement": WORDS, "cite": WORDS},
    Check: {"id": MATCH, "statement": WORDS, "comparator": ELEMENT, "value": ELEMENT,
            "unit": ELEMENT, "fresh_for": ELEMENT, "independent": ELEMENT},
    Safeguard: {"id": MATCH, "native": WORDS, "family": ELEMENT, "statement": WORDS,
                "checks": ELEMENT, "fresh_for": ELEMENT, "cite": WORDS},
    Standard: {"id": MATCH, "native": WORDS, "members": ELEMENT, "unspecified": ELEMENT,
               "in_scope": ELEMENT, "out_of_scope": ELEMENT, "cite": WORDS},
    Substitute: {"id": MATCH, "kind": ELEMENT, "in_place_of": ELEMENT, "statement": WORDS,
                 "approvals": ELEMENT, "expires_after": ELEMENT, "obligations": ELEMENT,
                 "cite": WORDS, "disclosed_in": ELEMENT},
    Fact: {"id": MATCH, "type": ELEMENT, "statement": WORDS, "unit": ELEMENT, "choices": GATE,
           "burden": ELEMENT, "fresh_for": ELEMENT, "over": ELEMENT, "cite": WORDS},
    RoleEntry: {"id": MATCH, "native": ELEMENT, "neutral": ELEMENT, "rank": ELEMENT,
                "cite": WORDS},
    Question: {"id": MATCH, "statement": WORDS, "act": ELEMENT, "by": ELEMENT, "any_of": ELEMENT,
               "expires_after": ELEMENT, "cite": WORDS},
    DocumentKind: {"id": MATCH, "statement": WORDS, "must_contain": ELEMENT,
                   "covers_within": ELEMENT, "approved_by": ELEMENT, "aspects": ELEMENT,
                   "cite": WORDS, "sent_to": ELEMENT},
    Commitment: {"id": MATCH, "statement": WORDS, "if_": GATE, "at": ELEMENT, "asks": ELEMENT,
                 "require": GATE, "otherwise": ELEMENT, "obligations": ELEMENT, "before": ELEMENT,
                 "modality": ELEMENT, "native_verb": WORDS, "binding": ELEMENT,
                 "binding_reason": WORDS, "addressee": ELEMENT, "cite": WORDS},
    Discretion: {"id": MATCH, "statement": WORDS, "invoked_by": ELEMENT, "tests": ELEMENT,
                 "notice": ELEMENT, "approvals": ELEMENT, "expires_after": ELEMENT,
                 "releases": ELEMENT, "obligations": ELEMENT, "cite": WORDS},
    Reading: {"id": MATCH, "statement": WORDS, "options": ELEMENT, "fixed_by": ELEMENT,
              "cite": WORDS},
    Duty: {"id": MATCH, "statement": WORDS, "starts_on": WORDS, "started_by": ELEMENT,
           "within": ELEMENT, "every": ELEMENT, "to": ELEMENT, "must_contain": ELEMENT,
           "modality": ELEMENT, "native_verb": WORDS, "cite": WORDS},
    Cadence: {"id": MATCH, "statement": WORDS, "effective_compute_ratio": ELEMENT,
              "elapsed": ELEMENT, "discretion_of": ELEMENT, "modality": ELEMENT,
              "native_verb": WORDS, "cite": WORDS},
    Requirement: {"id": MATCH, "statement": WORDS, "modality": ELEMENT, "native_verb": WORDS,
                  "shown_by": ELEMENT, "at": ELEMENT, "binding": ELEMENT,
                  "binding_reason": WORDS, "cite": WORDS},
    Exemption: {"id": MATCH, "statement": WORDS, "when": ELEMENT, "thresholds": ELEMENT,
                "inherits": ELEMENT, "cite": WORDS},
    Semantics: dict.fromkeys(("not_ruled_out", "forecast", "softer_determination", "bounding",
                              "open_weights", "carriage", "preregistration", "grace",
                              "verdict_valid_for"), ELEMENT),
    Carriage: {"edges": ELEMENT, "statement": WORDS, "cite": WORDS, "ours": WORDS},
    Grace: {"training": ELEMENT, "serving": ELEMENT, "afterwards": ELEMENT, "cite": WORDS,
            "ours": WORDS},
    Amendment: {"statement": WORDS, "proposed_by": ELEMENT, "approved_by": ELEMENT,
                "consulted": ELEMENT, "notice": ELEMENT, "cite": WORDS},
}  # fmt: skip


@pytest.mark.parametrize("model", FIELDS, ids=lambda model: model.__name__)
def test_every_field_is_compared_or_has_a_reason(model: type[BaseModel]) -> None:
    assert set(model.model_fields) == set(FIELDS[model])

"""The pages and schemas of the policy language are those that the code would write today."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scalegate.adapters.field_texts import field_texts
from scalegate.base.yaml_text import parse_yaml
from scalegate.compare.bridge_text import bridge_schema
from scalegate.policy.codes import CODES
from scalegate.policy.conditions import ATOM_WORDS, read_condition
from scalegate.policy.schema import indicators_schema, policy_schema
from tests.architecture.source_tree import ROOT
from tests.strategies.policies import plain_policy
from tools.generate_policy_schema import pages

FRAMEWORKS = sorted((ROOT / "src" / "scalegate" / "frameworks").glob("*.yaml"))
BRIDGES = sorted((ROOT / "src" / "scalegate" / "frameworks" / "bridges").glob("*.yaml"))
PAGE = (ROOT / "docs" / "reference" / "policy-language.md").read_text(encoding="utf-8")
CITE = {"document": "Toy", "section": "1", "page": "1"}


def as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=[path.name for path in pages()])
def test_a_generated_file_is_in_step_with_the_code(path: Path, text: str) -> None:
    hint = "run python tools/generate_policy_schema.py"
    assert path.read_text(encoding="utf-8") == text, hint


@pytest.mark.parametrize("path", FRAMEWORKS, ids=[path.stem for path in FRAMEWORKS])
def test_a_framework_fits_the_schema(path: Path) -> None:
    document = as_json(parse_yaml(path.read_text(encoding="utf-8")).value)
    indicators = document["schema"].startswith("scalegate/indicators")
    schema = indicators_schema() if indicators else policy_schema()
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("path", BRIDGES, ids=[path.stem for path in BRIDGES])
def test_a_shipped_bridge_fits_the_schema(path: Path) -> None:
    document = as_json(parse_yaml(path.read_text(encoding="utf-8")).value)
    jsonschema.Draft202012Validator(bridge_schema()).validate(document)


def document_with(condition: Any) -> Any:
    row = {
        "id": "K",
        "statement": "a row",
        "if": condition,
        "at": ["train"],
        "otherwise": "hold",
        "modality": "must",
        "native_verb": "must",
        "cite": CITE,
    }
    plain = plain_policy([row], releases=[], ladder=[], rules={}, burden="to_release")
    return json.loads(json.dumps(plain))


@pytest.mark.parametrize(
    "condition",
    [
        "always",
        {"all": ["always", {"act": "Q1"}]},
        {"not": {"any": [{"met": "S1"}, {"specified": "S2"}]}},
        {"at_least": 1, "of": [{"substitute": "X1"}, {"document": "D1", "is": "covered"}]},
        {"status": "T1", "at_least": "crossed"},
        {"flag": "alert", "of_threshold": "T1"},
        {"safeguard": "G1"},
        {"safeguard": "G1", "at_least": "stale"},
        {"fact": "F1"},
        {"fact": "N1", "above": 4},
        {"reading": "R1", "is": "narrow"},
    ],
    ids=str,
)
def test_the_schema_knows_every_form_of_condition(condition: Any) -> None:
    jsonschema.Draft202012Validator(policy_schema()).validate(document_with(condition))
    _, faults = read_condition(condition)
    assert not faults


@pytest.mark.parametrize(
    "condition",
    [
        "never",
        {"all": []},
        {"all": ["always"], "any": ["always"]},
        {"status": "T1"},
        {"status": "T1", "at_least": "unassessed"},
        {"status": "T1", "at_least": "crossed", "is": "crossed"},
        {"flag": "alert"},
        {"met": "S1", "is": True},
        {"document": "D1", "is": "thick"},
        {"weather": "fine"},
    ],
    ids=str,
)
def test_the_schema_refuses_what_the_reader_refuses(condition: Any) -> None:
    validator = jsonschema.Draft202012Validator(policy_schema())
    assert list(validator.iter_errors(document_with(condition)))
    _, faults = read_condition(condition)
    assert faults


def test_every_field_of_a_document_is_explained() -> None:
    texts = field_texts()
    for schema in (policy_schema(texts), indicators_schema(texts)):
        parts = [schema, *schema["$defs"].values()]
        bare = [
            (part["title"], field)
            for part in parts
            for field, shape in part.get("properties", {}).items()
            if not shape.get("description")
        ]
        assert not bare


def test_the_page_shows_every_word_of_a_condition() -> None:
    head = PAGE.split("## Unknown")[0]
    assert not [word for word in (*ATOM_WORDS, "all", "any", "not") if f"{{{word}: " not in head]


def test_every_code_has_a_full_explanation() -> None:
    for name, code in CODES.items():
        assert name == code.code
        assert all((code.title, code.what, code.why, code.example, code.fix))

"""Writing a document and reading it again gives the same record, for every kind.

Law: `parse_document(text of record.to_mapping())` is `record`, whatever the order of fields; and
plain data of the safe subset survives writing as JSON text and reading, digit for digit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.base.errors import ScalegateError
from scalegate.base.yaml_text import parse_yaml
from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.model import Kind
from scalegate.evidence.parse import parse_document

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "examples"
TEXTS = {kind: (EXAMPLES / f"{kind.value}.yaml").read_text("utf-8") for kind in Kind}

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1e9, max_value=1e9),
)
plain_data = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def written(value: Any) -> str:
    """Write plain data as JSON text, exact numbers digit for digit."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(each) for each in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def shuffled(value: Any, draw: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, draw) for each in value]
    return value


@given(plain_data)
def test_plain_data_survives_writing_and_reading_digit_for_digit(value: Any) -> None:
    text = written([value])
    assert written(parse_yaml(text).value) == text


@pytest.mark.parametrize("kind", list(Kind))
def test_every_example_survives_writing_and_reading(kind: Kind) -> None:
    record = parse_document(TEXTS[kind])
    mapping = record.to_mapping()
    again = parse_document(written(mapping))
    assert again == record
    assert again.digest == record.digest
    assert written(again.to_mapping()) == written(mapping)


@given(st.sampled_from(list(Kind)), st.data())
def test_the_order_of_fields_does_not_matter(kind: Kind, data: st.DataObject) -> None:
    record = parse_document(TEXTS[kind])
    mixed = shuffled(record.to_mapping(), data.draw)
    assert parse_document(written(mixed)).digest == record.digest


@given(st.lists(st.sampled_from(list(Kind)), min_size=1), st.randoms(use_true_random=False))
def test_a_bundle_does_not_depend_on_order_or_duplicates(kinds: list[Kind], random: Any) -> None:
    records = [parse_document(TEXTS[kind]) for kind in kinds]
    mixed = [*records, *records[:2]]
    random.shuffle(mixed)
    assert bundle_of(mixed, {}).digest == bundle_of(records, {}).digest


@given(st.sampled_from(list(Kind)), st.data())
def test_a_changed_document_is_another_record_or_is_refused(
    kind: Kind, data: st.DataObject
) -> None:
    """No field can change unseen: another value is another digest or a fault."""
    record = parse_document(TEXTS[kind])
    mapping = record.to_mapping()
    where: Any = mapping
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(where[key], (dict, list)) or not where[key]:
            break
        where = where[key]
    old = where[key]
    where[key] = data.draw(st.one_of(texts, numbers, st.booleans()))
    if written(where[key]) == written(old):
        return
    try:
        changed = parse_document(written(mapping))
    except ScalegateError:
        return
    assert changed.digest != record.digest or _says_the_same(where[key], old)


def _says_the_same(new: Any, old: Any) -> bool:
    # A page or section may be written as a number: the text is the same.
    return str(new) == str(old)

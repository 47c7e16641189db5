"""Formatting a policy moves lines and changes nothing else, whatever their order was."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import DocumentFaults
from scalegate.base.yaml_text import parse_yaml
from scalegate.policy.format import format_document
from scalegate.policy.layout import chunks_of, root_of
from scalegate.policy.parse import parse_policy
from scalegate.wiring import policy_source
from tests.unit.policy.toy import TOY

TEXTS = {each.file: each.text for each in policy_source(None).policies()}


def comments(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if line.lstrip().startswith("#"))


def shuffled(text: str, seed: int) -> str:
    """The same document with its top-level keys in another order, comments above them moved."""
    lines = text.rstrip().split("\n")
    chunks = list(chunks_of(root_of(text), lines, len(lines)))
    first = chunks[0].begins
    random.Random(seed).shuffle(chunks)
    moved = [line for chunk in chunks for line in lines[chunk.begins : chunk.ends]]
    return "\n".join([*lines[:first], *moved]) + "\n"


@pytest.mark.parametrize("name", sorted(TEXTS)[::4])
def test_a_shipped_policy_keeps_its_values_and_comments_and_formatting_twice_changes_nothing(
    name: str,
) -> None:
    text = TEXTS[name]
    written = format_document(text)
    assert parse_yaml(written).value == parse_yaml(text).value
    assert comments(written) == comments(text)
    assert format_document(written) == written


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_the_order_of_top_level_keys_does_not_matter(seed: int) -> None:
    assert format_document(shuffled(TOY, seed)) == format_document(TOY)


NESTED = """\
# Head of the file.

# About the rows.
commitments:
  # About the first row.
  - cite: {document: Toy, section: "3"}   # where
    statement: >-
      a row
      over two lines

    id: C1
    # What follows.
    otherwise:
      obligations: [tell]
      level: allow_with
    modality: must
    native_verb: must
    at: [train]
schema: scalegate/policy@1
version: "1"
id: toy


lab: Toy lab   # whose
title: Toy
domains:
  - {native: Bio, id: bio, neutral: cbrn, cite: {document: Toy, section: "1"}}
effective_on: "2025-01-01"
source:
  published_at_url: here
  title: Toy
"""
ORDERED = """\
# Head of the file.

# About the rows.
schema: scalegate/policy@1
id: toy
version: "1"
lab: Toy lab   # whose
title: Toy
effective_on: "2025-01-01"

source:
  title: Toy
  published_at_url: here

domains:
  - {native: Bio, id: bio, neutral: cbrn, cite: {document: Toy, section: "1"}}

commitments:
  # About the first row.
  - id: C1
    statement: >-
      a row
      over two lines
    at: [train]
    # What follows.
    otherwise:
      level: allow_with
      obligations: [tell]
    modality: must
    native_verb: must
    cite: {document: Toy, section: "3"}   # where
"""


def test_keys_of_parts_are_ordered_and_the_dash_stays_with_the_first() -> None:
    assert format_document(NESTED) == ORDERED
    assert parse_policy(NESTED) == parse_policy(ORDERED)


def test_unknown_keys_come_last_in_their_order() -> None:
    text = "schema: scalegate/policy@1\nzebra: 1\napple: 2\nid: toy\n"
    assert format_document(text) == "schema: scalegate/policy@1\nid: toy\nzebra: 1\napple: 2\n"


@pytest.mark.parametrize(
    "text",
    [
        '{"schema": "scalegate/policy@1"}',
        "schema: scalegate/case@1\n",
        "just text\n",
        "schema: scalegate/policy@1\nid: &a x\nlab: *a\n",
        "schema: scalegate/policy@1\ntitle: |+\n  text\n\n\nid: toy\n",
    ],
)
def test_another_document_is_refused_and_nothing_is_guessed(text: str) -> None:
    with pytest.raises(DocumentFaults):
        format_document(text)

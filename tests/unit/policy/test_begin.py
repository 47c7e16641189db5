"""A begun policy is valid, in order, and says what it was begun from."""

from __future__ import annotations

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.policy.begin import NewHead, Origin, begin_from, begin_new
from scalegate.policy.codes import Severity
from scalegate.policy.format import format_document
from scalegate.policy.lint import lint_text
from scalegate.policy.parse import parse_policy
from scalegate.wiring import policy_source

HEAD = NewHead(
    id="acme-policy",
    version="1",
    lab='Acme "the" lab: one',
    title="Acme's policy",
    effective_on="2026-12-01",
)


def origin(name: str) -> Origin:
    text = next(each for each in policy_source(None).policies() if each.file == f"{name}.yaml")
    return Origin(name=name, text=text.text, digest=text.digest)


@pytest.mark.parametrize("name", ["gdm-fsf@3.1", "anthropic-rsp@2.2", "cohere-saifmf@1.0"])
def test_a_copy_keeps_every_row_and_has_a_head_of_its_own(name: str) -> None:
    begun = begin_from(origin(name), HEAD)
    policy, before = parse_policy(begun), parse_policy(origin(name).text)
    assert (policy.name, policy.lab) == ("acme-policy@1", HEAD.lab)
    assert policy.superseded_on is None
    assert policy.supersedes is None
    assert policy.commitments == before.commitments
    assert policy.duties == before.duties
    assert origin(name).digest in policy.source.read_from
    assert origin(name).digest in begun.split("schema:")[0]
    assert format_document(begun) == begun


def test_the_smallest_policy_is_valid_and_lint_has_nothing_but_notes() -> None:
    text = begin_new(HEAD)
    found = lint_text(text)
    assert {each.severity for each in found} == {Severity.NOTE}
    assert parse_policy(text).name == "acme-policy@1"


@pytest.mark.parametrize(
    "head",
    [
        NewHead(id="a b", version="1", lab="x", title="x", effective_on="2026-12-01"),
        NewHead(id="a", version="", lab="x", title="x", effective_on="2026-12-01"),
        NewHead(id="a", version="1", lab="", title="x", effective_on="2026-12-01"),
        NewHead(id="a", version="1", lab="x", title="x", effective_on="2026-02-31"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(head: NewHead) -> None:
    with pytest.raises(DocumentFaults):
        begin_new(head)
    with pytest.raises(DocumentFaults):
        begin_from(origin("gdm-fsf@3.1"), head)


def test_a_policy_written_as_json_cannot_be_copied_with_its_comments() -> None:
    with pytest.raises(DocumentFaults):
        begin_from(Origin(name="x@1", text='{"schema": "x"}', digest="0" * 64), HEAD)

"""Without a choice, the policies in force on the day asked about decide."""

from __future__ import annotations

import pytest

from scalegate.app.workspace import names_in_force, policy_spans
from scalegate.base.errors import DocumentFaults
from scalegate.base.instants import parse_instant
from scalegate.policy.parse import parse_policy
from scalegate.ports import PolicyText, TableKind
from scalegate.wiring import policy_source
from tests.unit.policy.toy import TOY


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-10-01", "anthropic-rsp@1.0"),
        ("2025-05-13", "anthropic-rsp@2.1"),
        ("2025-05-14", "anthropic-rsp@2.2"),
        ("2026-02-24", "anthropic-rsp@3.0"),
        ("2026-11-23", "anthropic-rsp@3.4"),
    ],
)
def test_one_version_of_a_policy_is_in_force_on_a_day(day: str, expected: str) -> None:
    names = names_in_force(policy_source(None), parse_instant(day))
    assert [name for name in names if name.startswith("anthropic-rsp@")] == [expected]


def test_before_the_first_policy_none_is_in_force() -> None:
    assert names_in_force(policy_source(None), parse_instant("2020-01-01")) == ()


class _One:
    def __init__(self, text: str) -> None:
        self._text = text

    def policies(self) -> tuple[PolicyText, ...]:
        return (PolicyText(file="own.yaml", text=self._text, digest="0" * 64, is_shipped=False),)

    def indicator_sets(self) -> tuple[PolicyText, ...]:
        return ()

    def tables(self, kind: TableKind) -> tuple[PolicyText, ...]:
        return ()

    def bridges(self) -> tuple[PolicyText, ...]:
        return ()


def test_a_document_that_does_not_say_since_when_is_a_fault() -> None:
    with pytest.raises(DocumentFaults):
        names_in_force(_One("schema: scalegate/policy@1\nid: own\n"), parse_instant("2026-01-01"))


def test_heads_are_read_as_the_documents_would_be() -> None:
    source = policy_source(None)
    texts = source.policies()
    for text, span in zip(texts[::5], policy_spans(source)[::5], strict=True):
        policy = parse_policy(text.text)
        assert (span.name, span.lab, span.title) == (policy.name, policy.lab, policy.title)
        assert span.effective_on == policy.effective_on
        assert span.superseded_on == (policy.superseded_on or "")
        assert span.digest == text.digest


@pytest.mark.parametrize(
    ("written", "lab"),
    [
        ("Toy lab", "Toy lab"),
        ('"Toy lab"', "Toy lab"),
        ("'Toy lab'", "Toy lab"),
        ("O'Neil", "O'Neil"),
        ("'a # b'", "a # b"),
        ("Toy lab # a remark", "Toy lab"),
        ("Toy\\u0020lab", "Toy\\u0020lab"),
        ('"Toy\\u0020lab"', "Toy lab"),
        (">-\n  Toy lab", "Toy lab"),
    ],
)
def test_a_head_that_is_written_unusually_is_read_all_the_same(written: str, lab: str) -> None:
    (span,) = policy_spans(_One(TOY.replace("lab: Toy lab", f"lab: {written}")))
    assert span.lab == lab

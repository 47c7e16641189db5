"""What is withheld cannot be swapped, miscounted, or chosen by the lab where an auditor draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scalegate.app.record.arguing import Argument, check_bundle
from scalegate.app.record.bundling import write_files
from scalegate.app.record.deciding import Seen
from scalegate.app.record.disclosing import Choice, Kept, demand, open_withheld, withhold
from scalegate.base.errors import TrustError
from scalegate.ledger.disclosures import ReasonCode
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.statements import Statement, parse_statement
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust
from tests.attacks.test_bundles import files_of, path_of
from tests.unit.ledger.signers import ROLES, said, sealed, trust_content

_ROLES = ROLES | {
    "auditor": (1, ("aud-1",), ("disclosure",)),
    "evaluator": (1, ("eval-1", "eval-2"), ("disclosure", "evaluation-plan", "evidence")),
}
DISCLOSING: bytes = sealed(said("trust", trust_content(roles=_ROLES)), "root-1", "root-2")
TRUST = start_trust(DISCLOSING)
ITEMS = [{"item": at, "is_right": at % 3 == 0} for at in range(20)]
STATED, KEPT = withhold(
    {"score": 0.41, "note": "kept short", "task": "t", "transcripts": ITEMS},
    {
        "note": ReasonCode.LEGAL,
        "score": ReasonCode.COMMERCIAL,
        "transcripts": ReasonCode.HAZARDOUS,
    },
    about="model:m",
    secret=b"s" * 32,
)
Change = Mapping[str, Any]


def signed(statement: Statement, key: str, **changes: Any) -> bytes:
    """Return an envelope; `changes` replace parts of the predicate."""
    predicate = {**statement.predicate, **changes}
    content: bytes = sealed(
        Statement(
            predicate_type=statement.predicate_type,
            subjects=statement.subjects,
            predicate=predicate,
        ).to_payload(),
        key,
    )
    return content


SHOWN = signed(STATED, "eval-1")
ENVELOPE = leaf_of(SHOWN).envelope
OTHER = sealed(said("evidence"), "eval-2")


def argued(*envelopes: bytes) -> Argument:
    return check_bundle(write_files(files_of(*envelopes)), TRUST)


def seen(*envelopes: bytes) -> Seen:
    leaves = [leaf_of(each).to_bytes() for each in envelopes]
    return Seen(size=len(leaves), root=Tree(leaves).root())


def demanded(*before: bytes, key: str = "aud-1", **changes: Any) -> bytes:
    """Return an auditor's demand directly behind these entries."""
    (of,) = [
        each
        for each in argued(DISCLOSING, SHOWN).disclosures.withheld
        if each.commitment.name == "transcripts"
    ]
    made = demand(of, ENVELOPE, count=4, nonce=b"n" * 32, seen=seen(*before))
    return signed(made, key, demands={**made.predicate["demands"], **changes})


def answered(choice: Choice, *before: bytes, entry: int = 1, kept: Kept = KEPT) -> Statement:
    return open_withheld(kept, ENVELOPE, choice, argued(*before).disclosures, entry=entry)


LOG = (DISCLOSING, SHOWN)
DEMAND = demanded(*LOG)
ASKED = (*LOG, DEMAND)
(DRAWN,) = argued(*ASKED).disclosures.demands
NOT_DRAWN = min(set(range(len(ITEMS))) - set(DRAWN.indexes))
ANSWER = answered(
    Choice(answers=2, fields=("score",), refused={DRAWN.indexes[0]: ReasonCode.PERSONAL}),
    *ASKED,
)
CHOSEN = answered(Choice(items=(("transcripts", NOT_DRAWN),)), *LOG)


def row(number: int = 0, **changes: Any) -> list[dict[str, Any]]:
    """Return the items of the answer, with one changed."""
    rows = [dict(each) for each in ANSWER.predicate["items"]]
    rows[number] |= changes
    return rows


def withheld(**changes: Any) -> bytes:
    """Return the statement with something else in what it withholds."""
    return signed(STATED, "eval-1", withheld={**STATED.predicate["withheld"], **changes})


def items(**changes: Any) -> list[dict[str, Any]]:
    return [{**STATED.predicate["withheld"]["items"][0], **changes}]


def counted(count: str) -> tuple[bytes, ...]:
    """Return a log whose statement gives another count, and an opening of its last item."""
    shown = withheld(items=items(count=count))
    opening = {"entry": "1", "envelope": leaf_of(shown).envelope}
    return (DISCLOSING, shown, signed(CHOSEN, "eval-1", opens=opening))


def asked_early() -> tuple[bytes, ...]:
    """Return a log in which the demand, and so the seed, comes before the commitment."""
    early = demanded(DISCLOSING)
    return (DISCLOSING, early, SHOWN, signed(
        CHOSEN, "eval-1", opens={"entry": "2", "envelope": ENVELOPE}, answers="1"
    ))  # fmt: skip


def asked_late() -> tuple[bytes, ...]:
    """Return a log in which the lab appended something before the demand, to try another root."""
    return (*LOG, OTHER, DEMAND, signed(CHOSEN, "eval-1", answers="3"))


FIELD = ANSWER.predicate["fields"][0]
FORGED: dict[str, tuple[Callable[[], tuple[bytes, ...]], str]] = {
    "item swapped": (
        lambda: (*ASKED, signed(ANSWER, "eval-1", items=row(item='{"item":99}'))),
        "not in the tree",
    ),
    "item at another index": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", items=row(index=str(NOT_DRAWN)))),
        "not in the tree",
    ),
    "count raised": (lambda: counted("40"), "proof is too short"),
    "count lowered": (lambda: counted("2"), "proof is too long|no such leaf|not in the tree"),
    "other items than drawn": (
        lambda: (*ASKED, signed(CHOSEN, "eval-1", answers="2")),
        "other items than the seed draws",
    ),
    "one of the drawn left out": (
        lambda: (*ASKED, signed(ANSWER, "eval-1", refused=[])),
        "other items than the seed draws",
    ),
    "one drawn opened twice": (
        lambda: (*ASKED, signed(ANSWER, "eval-1", items=[*row(), row()[0]])),
        "other items than the seed draws",
    ),
    "seed chosen before the commitment": (asked_early, "demand that does not stand"),
    "seed tried out by the lab": (asked_late, "demand that does not stand"),
    "demand by the lab itself": (
        lambda: (
            *LOG,
            demanded(*LOG, key="eval-1"),
            signed(ANSWER, "eval-1"),
        ),
        "whoever withholds signed it",
    ),
    "answer to no demand": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", answers="1")),
        "there is none of it",
    ),
    "field never committed to": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", fields=[FIELD[:-2] + "AA"])),
        "never committed",
    ),
    "field under another name": (
        lambda: (
            DISCLOSING,
            other := withheld(
                fields=[
                    {"name": "notes", "reason": "legal", "digest": each["digest"]}
                    for each in STATED.predicate["withheld"]["fields"][1:]
                ]
            ),
            signed(
                CHOSEN, "eval-1", fields=[FIELD],
                opens={"entry": "1", "envelope": leaf_of(other).envelope},
            ),
        ),
        "under another name",
    ),
    "opened by another envelope": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", opens={"entry": "1", "envelope": "0" * 64})),
        "another envelope",
    ),
    "opens what withholds nothing": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", opens={"entry": "0", "envelope": ENVELOPE})),
        "withholds nothing",
    ),
    "no such list": (
        lambda: (*LOG, signed(CHOSEN, "eval-1", items=row(name="score"))),
        "no list of that name",
    ),
    "refuses what there is not": (
        lambda: (
            *LOG,
            signed(
                CHOSEN, "eval-1",
                refused=[{"name": "transcripts", "index": "20", "reason": "legal"}],
            ),
        ),
        "there is not",
    ),
    "withheld for no reason": (
        lambda: (DISCLOSING, withheld(items=items(reason="shame"))),
        "without a known reason",
    ),
    "withholds nothing": (
        lambda: (DISCLOSING, signed(STATED, "eval-1", withheld={})),
        "withholds nothing",
    ),
    "one name twice": (
        lambda: (DISCLOSING, withheld(items=items(name="score"))),
        "one name twice",
    ),
    "no items at all": (lambda: (DISCLOSING, withheld(items=items(count="0"))), "bad commitment"),
    "root too short": (lambda: (DISCLOSING, withheld(items=items(root="00"))), "bad commitment"),
    "root no hexadecimal": (lambda: (DISCLOSING, withheld(items=items(root="x"))), "hexadecimal"),
    "withheld no object": (lambda: (DISCLOSING, withheld(items=["x"])), "expected an object"),
    "items no list": (lambda: (DISCLOSING, withheld(items="x")), "is no list"),
    "salt too short": (
        lambda: (*ASKED, signed(ANSWER, "eval-1", items=row(salt="00"))),
        "wrong length",
    ),
    "field no text": (lambda: (*LOG, signed(CHOSEN, "eval-1", fields=[None])), "no text"),
    "demand without a log": (
        lambda: (*LOG, demanded(*LOG, log=None)),
        "expected an object",
    ),
}  # fmt: skip

VOID: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "another envelope": lambda: (*LOG, demanded(*LOG, envelope="0" * 64)),
    "a field": lambda: (*LOG, demanded(*LOG, name="score")),
    "none": lambda: (*LOG, demanded(*LOG, count="0")),
    "more than there are": lambda: (*LOG, demanded(*LOG, count="21")),
    "not directly behind": lambda: (*LOG, OTHER, DEMAND),
}

HOLDS: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "holds and is answered": lambda: (*ASKED, signed(ANSWER, "eval-1")),
    "holds and is not answered": lambda: ASKED,
    "holds with a chosen item": lambda: (*LOG, signed(CHOSEN, "eval-1")),
    "holds with absent parts written as null": lambda: (
        DISCLOSING,
        signed(STATED, "eval-1", withheld=None),
        signed(CHOSEN, "eval-1", opens=None, demands=None),
    ),
    "holds with a void demand": VOID["not directly behind"],
}


def hidden() -> bytes:
    """Return a bundle in which the envelope that withholds is itself not shown."""
    files = files_of(*ASKED, signed(ANSWER, "eval-1"))
    return write_files({path: each for path, each in files.items() if path != path_of(SHOWN)})


DISCLOSURES: dict[str, tuple[bytes, bool]] = {
    **{name: (write_files(files_of(*made())), True) for name, made in HOLDS.items()},
    "holds with the statement withheld": (hidden(), True),
    **{name: (write_files(files_of(*made())), False) for name, (made, _) in FORGED.items()},
}
"""Bundles for both verifiers, each with whether it holds under `DISCLOSING`."""


def test_what_is_withheld_is_counted_and_what_is_drawn_is_opened() -> None:
    book = argued(*HOLDS["holds and is answered"]()).disclosures
    rows = {each.commitment.name: each for each in book.withheld}
    assert rows["transcripts"].commitment.items is not None
    assert rows["transcripts"].commitment.items.count == len(ITEMS)
    assert rows["transcripts"].opened == DRAWN.indexes[1:]
    assert rows["transcripts"].refused == ((DRAWN.indexes[0], ReasonCode.PERSONAL),)
    assert (rows["score"].opened, rows["note"].opened) == ((0,), ())
    (drawn,) = book.demands
    assert (drawn.is_answered, drawn.refused) == (True, DRAWN.indexes[:1])
    shown = parse_statement(STATED.to_payload()).predicate
    assert shown["shown"] == {"task": "t"}
    assert "0.41" not in str(shown)


def test_a_disclosure_of_what_is_not_shown_is_listed_and_not_checked() -> None:
    assert check_bundle(hidden(), TRUST).disclosures.unchecked == [2, 3]


@pytest.mark.parametrize("name", FORGED)
def test_a_disclosure_that_is_not_what_was_committed_to_is_refused(name: str) -> None:
    made, expected = FORGED[name]
    with pytest.raises(TrustError, match=expected):
        argued(*made())


@pytest.mark.parametrize("name", VOID)
def test_a_demand_that_cannot_bind_is_void_and_refuses_nothing(name: str) -> None:
    (found,) = argued(*VOID[name]()).disclosures.demands
    assert found.void
    assert not found.indexes


def test_what_is_drawn_depends_on_the_auditors_nonce_and_on_the_log() -> None:
    draws = {
        argued(*LOG, demanded(*LOG, nonce=nonce)).disclosures.demands[0].indexes
        for nonce in ("00", "01", "02")
    }
    assert len(draws) > 1

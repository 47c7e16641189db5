"""What becomes of an offer, given what is recorded and what the same import adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from scalegate.base.instants import format_instant
from scalegate.ports import EvidenceItem, Offer, Outcome, Receipt

ATTACHED = "attached"
"""Extension of every attachment: its format is the naming document's business."""


class Known:
    """What is recorded, and what the present import adds to it, by everything that identifies."""

    def __init__(self, items: Sequence[EvidenceItem]) -> None:
        self.items = tuple(items)
        self._by_digest: dict[str, EvidenceItem] = {}
        self._by_content: dict[str, EvidenceItem] = {}
        self._by_id: dict[str, list[EvidenceItem]] = {}
        for item in items:
            self._note(item)

    def _note(self, item: EvidenceItem) -> None:
        self._by_digest[item.digest] = item
        self._by_content[item.content_digest] = item
        self._by_id.setdefault(item.id, []).append(item)

    def judge(self, offer: Offer, item: EvidenceItem) -> Receipt:
        """Say what becomes of an offer; the next offers are judged as if it were recorded."""
        same = self._by_digest.get(item.digest)
        if same is not None:
            return Receipt(outcome=Outcome.ALREADY_THERE, item=same, reason="the same bytes")
        same = self._by_content.get(item.content_digest)
        if same is not None:
            return Receipt(
                outcome=Outcome.ALREADY_THERE, item=same, reason="the same content, laid out anew"
            )
        reason = self._contradiction(item)
        if reason:
            return Receipt(outcome=Outcome.REFUSED, item=offer.item, reason=reason)
        self._note(item)
        return Receipt(outcome=Outcome.IMPORTED, item=item)

    def _contradiction(self, item: EvidenceItem) -> str:
        for other in self._by_id.get(item.id, ()):
            if other.kind != item.kind:
                return (
                    f"id of two kinds; expected `{other.kind}` as in `{other.source_name}`;"
                    f" got `{item.kind}`; give it another id"
                )
            if other.known_from == item.known_from:
                return (
                    f"`{item.id}` is recorded with other content (from `{other.source_name}`),"
                    f" known from the same instant `{format_instant(item.known_from)}`;"
                    " give a correction a later `known_from`"
                )
        return ""


def held_back(receipt: Receipt) -> Receipt:
    """Return the receipt of an offer that an all-or-nothing import did not take."""
    if receipt.outcome is not Outcome.IMPORTED:
        return receipt
    return replace(receipt, outcome=Outcome.HELD_BACK, reason="another file was refused")


def is_true(item: EvidenceItem, true_at: datetime) -> bool:
    """Say whether an item holds at an instant; its end is no longer part of it."""
    return item.true_from <= true_at and (item.true_until is None or true_at < item.true_until)


def file_names(items: Iterable[EvidenceItem]) -> frozenset[str]:
    """Return the names of all files that these items keep."""
    names: set[str] = set()
    for item in items:
        names.add(f"{item.digest}.{item.extension}")
        names.update(f"{each.digest}.{ATTACHED}" for each in item.attachments)
    return frozenset(names)

"""The promises of `ports.EvidenceStore`, as one suite that runs over every store.

`test_store_sqlite.py` and `test_store_postgresql.py` inherit it and say how a store is made.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from scalegate.adapters.store_sql.store import SqlEvidenceStore
from scalegate.base.errors import DigestMismatch, TrustError
from scalegate.ports import Outcome
from tests.contract.stores import Maker, day, offer, sha256


class StorePromises:
    """Inherit, and define the fixture `store`."""

    def test_what_was_added_can_be_found_and_read(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = offer(tmp_path / "in", "one", id="x", subject="model:opus", true_until=9)
        (receipt,) = store.add([given])
        assert receipt.outcome is Outcome.IMPORTED
        (item,) = store.items(true_at=day(1), known_at=day(1))
        assert item == receipt.item
        assert replace(item, recorded_at=given.item.recorded_at) == given.item
        assert store.locate(item).read_text(encoding="utf-8") == "one"

    def test_an_empty_store_answers_with_nothing(self, store: SqlEvidenceStore) -> None:
        assert store.items(true_at=day(99), known_at=day(99)) == ()
        assert store.history() == ()
        assert store.head().count == 0
        assert store.check() == ()
        assert store.add([]) == ()

    def test_the_same_bytes_twice_are_one_record_and_said_to_be(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = offer(tmp_path / "in", "one")
        (first,) = store.add([given])
        head = store.head()
        (second,) = store.add([given])
        assert (second.outcome, second.item) == (Outcome.ALREADY_THERE, first.item)
        assert store.head() == head

    def test_the_same_bytes_twice_in_one_import_are_one_record(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = offer(tmp_path / "in", "one")
        assert [each.outcome for each in store.add([given, given])] == [
            Outcome.IMPORTED,
            Outcome.ALREADY_THERE,
        ]
        assert len(store.history()) == 1

    def test_the_same_content_in_another_layout_is_one_record(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "a: 1", content="same")])
        (receipt,) = store.add([offer(tmp_path / "in", "{a: 1}", content="same")])
        assert receipt.outcome is Outcome.ALREADY_THERE
        assert len(store.history()) == 1
        assert store.check() == ()

    def test_a_later_version_supersedes_on_read_and_both_stay(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "old", known_from=1)])
        store.add([offer(tmp_path / "in", "new", known_from=5)])
        assert [i.digest for i in store.items(true_at=day(9), known_at=day(4))] == [sha256("old")]
        assert [i.digest for i in store.items(true_at=day(9), known_at=day(5))] == [sha256("new")]
        assert [i.digest for i in store.history("a")] == [sha256("old"), sha256("new")]

    def test_true_and_known_instants_are_asked_apart(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "x", true_from=2, known_from=6)])
        assert not store.items(true_at=day(1), known_at=day(9))
        assert not store.items(true_at=day(9), known_at=day(5))
        assert store.items(true_at=day(2), known_at=day(6))

    def test_what_has_ended_is_no_longer_an_item_but_stays_in_the_history(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "x", true_from=2, true_until=4)])
        assert store.items(true_at=day(3), known_at=day(9))
        assert not store.items(true_at=day(4), known_at=day(9))
        assert len(store.history()) == 1

    def test_a_correction_that_is_not_true_yet_hides_what_it_corrects(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "old", true_from=0, known_from=1)])
        store.add([offer(tmp_path / "in", "new", true_from=8, known_from=2)])
        assert not store.items(true_at=day(5), known_at=day(9))

    def test_kind_and_subject_narrow_the_answer(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add(
            [
                offer(tmp_path / "in", "1", id="a", kind="act", subject="model:m"),
                offer(tmp_path / "in", "2", id="b", kind="fact", subject="model:m"),
                offer(tmp_path / "in", "3", id="c", kind="fact", subject="model:n"),
            ]
        )

        def ids(**narrowed: str) -> list[str]:
            return [i.id for i in store.items(true_at=day(9), known_at=day(9), **narrowed)]

        assert ids() == ["a", "b", "c"]
        assert ids(kind="fact") == ["b", "c"]
        assert ids(subject="model:m") == ["a", "b"]
        assert ids(kind="fact", subject="model:m") == ["b"]

    def test_two_contents_of_one_id_at_one_instant_are_refused(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "one", known_from=1)])
        (receipt,) = store.add([offer(tmp_path / "in", "two", known_from=1)])
        assert receipt.outcome is Outcome.REFUSED
        assert "later `known_from`" in receipt.reason
        assert len(store.history()) == 1
        assert store.check() == ()

    def test_an_id_keeps_its_kind(self, store: SqlEvidenceStore, tmp_path: Path) -> None:
        store.add([offer(tmp_path / "in", "one", kind="fact")])
        (receipt,) = store.add([offer(tmp_path / "in", "two", kind="act", known_from=3)])
        assert receipt.outcome is Outcome.REFUSED
        assert "id of two kinds" in receipt.reason

    def test_a_refused_offer_keeps_the_others_out_only_if_asked(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "one")])
        bad = offer(tmp_path / "in", "two")
        good = offer(tmp_path / "in", "three", id="b")
        held = store.add([good, bad], is_all_or_nothing=True)
        assert [each.outcome for each in held] == [Outcome.HELD_BACK, Outcome.REFUSED]
        assert len(store.history()) == 1
        done = store.add([good, bad])
        assert [each.outcome for each in done] == [Outcome.IMPORTED, Outcome.REFUSED]
        assert len(store.history()) == 2

    def test_a_file_that_changed_after_it_was_read_keeps_the_whole_import_out(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        good, changed = offer(tmp_path / "in", "good", id="g"), offer(tmp_path / "in", "was")
        changed.path.write_text("is now", encoding="utf-8")
        head = store.head()
        with pytest.raises(DigestMismatch):
            store.add([good, changed])
        assert store.head() == head
        assert store.history() == ()
        assert not any(finding.is_fault for finding in store.check())

    def test_attachments_are_kept_and_found(self, store: SqlEvidenceStore, tmp_path: Path) -> None:
        store.add([offer(tmp_path / "in", "doc", attached={"runs.jsonl": "{}\n"})])
        (item,) = store.history()
        (attachment,) = item.attachments
        assert attachment.name == "runs.jsonl"
        assert store.locate_attachment(attachment).read_text(encoding="utf-8") == "{}\n"

    def test_the_order_of_arrival_changes_no_answer(
        self, make_store: Maker, tmp_path: Path
    ) -> None:
        versions = [
            offer(tmp_path / "in", "v1", known_from=1, true_from=0),
            offer(tmp_path / "in", "v2", known_from=3, true_from=2),
            offer(tmp_path / "in", "v3", known_from=5, true_from=1),
        ]
        answers = set()
        for number, order in enumerate(permutations(versions)):
            store = make_store(tmp_path / f"store{number}")
            for each in order:
                store.add([each])
            answers.add(
                tuple(
                    tuple(i.digest for i in store.items(true_at=day(true), known_at=day(known)))
                    for true in range(7)
                    for known in range(7)
                )
            )
        assert len(answers) == 1

    def test_the_head_names_the_records(self, make_store: Maker, tmp_path: Path) -> None:
        one, other = make_store(tmp_path / "s1"), make_store(tmp_path / "s2")
        assert one.head() == other.head()
        one.add([offer(tmp_path / "in", "x")])
        assert one.head() != other.head()
        other.add([offer(tmp_path / "in", "x")])
        assert one.head() == other.head()

    def test_files_that_no_record_names_are_noticed_and_swept(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = offer(tmp_path / "in", "kept")
        store.add([given])
        (item,) = store.history()
        kept = store.locate(item)
        orphan = kept.with_name(sha256("orphan") + ".yaml")
        orphan.write_text("orphan", encoding="utf-8")
        incoming = kept.parent.parent / "incoming" / "half"
        incoming.write_text("hal", encoding="utf-8")
        findings = store.check()
        assert [finding.is_fault for finding in findings] == [False, False]
        assert set(store.sweep()) == {orphan.name, "half"}
        assert store.check() == ()
        assert kept.read_text(encoding="utf-8") == "kept"

    def test_a_file_that_is_gone_is_said_and_can_be_imported_again(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = offer(tmp_path / "in", "x")
        store.add([given])
        (item,) = store.history()
        store.locate(item).unlink()
        with pytest.raises(TrustError, match="is gone"):
            store.locate(item)
        assert [finding.is_fault for finding in store.check()] == [True]
        assert store.add([given])[0].outcome is Outcome.ALREADY_THERE
        assert store.check() == ()

    def test_a_file_with_other_bytes_is_refused(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "true")])
        (item,) = store.history()
        path = store.locate(item)
        path.chmod(0o644)
        path.write_text("fals", encoding="utf-8")
        with pytest.raises(DigestMismatch):
            store.locate(item)
        assert [finding.is_fault for finding in store.check()] == [True]

    def test_many_records_keep_their_order_and_their_instants(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        given = [offer(tmp_path / "in", f"n{n}", id=f"id{n:03}", known_from=n) for n in range(60)]
        store.add(given[:30])
        store.add(given[30:])
        assert [item.id for item in store.history()] == [each.item.id for each in given]
        assert [item.known_from for item in store.history()] == [day(n) for n in range(60)]
        recorded = [item.recorded_at for item in store.history()]
        assert recorded == sorted(recorded)
        assert len(set(recorded)) == 2

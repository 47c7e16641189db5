"""Attacks with a log file: bombs, lies in the directory, path tricks, hostile text.

Each is refused with a precise fault, or read with a flag; nothing is half read, nothing is
written outside memory, and no hostile text reaches a message unfiltered.
"""

from __future__ import annotations

import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from scalegate.adapters.inspect_log import ReadLimits, read_header, read_log, read_scores
from scalegate.base.errors import FormatError
from scalegate.evidence.eval_log import FlagKind
from tests.contract.eval_files import (
    DEFLATE,
    STORED,
    ZSTD,
    Entry,
    dump,
    eval_entries,
    header,
    pack,
    sample,
    write_log,
    write_zip,
)

REAL = Path(__file__).parents[1] / "data/inspect-logs"
GIB = 1 << 30


def refused(path: Path, *, limits: ReadLimits | None = None) -> FormatError:
    """Return the fault, which must name the file."""
    with pytest.raises(FormatError) as caught:
        read_log(path, limits=limits or ReadLimits())
    assert caught.value.file == path.name
    assert caught.value.exit_code == 2
    return caught.value


def with_sample(tmp_path: Path, **changes: Any) -> Path:
    """Write a log whose only sample member is changed."""
    entries = eval_entries([sample(1)])
    entries[1] = replace(entries[1], **changes)
    return write_zip(tmp_path / "a.eval", entries)


class TestBombs:
    def test_a_sample_of_two_gigabytes_is_refused_before_it_is_unpacked(
        self, tmp_path: Path
    ) -> None:
        packed = pack(b" " * (1 << 20), DEFLATE)
        path = with_sample(tmp_path, packed=packed, size=2 * GIB)
        tracemalloc.start()
        fault = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert fault.what == "zip member is too large to read"
        assert fault.path == "samples/1_epoch_1.json"
        assert fault.expected == "at most 536870912 bytes"
        assert fault.got == "2147483648 bytes"
        assert "`member_bytes`" in fault.hint
        assert peak < 4 << 20

    @pytest.mark.parametrize("method", [DEFLATE, ZSTD])
    def test_a_member_that_unpacks_to_more_than_it_declares_is_stopped(
        self, tmp_path: Path, method: int
    ) -> None:
        bomb = pack(b"\0" * (64 << 20), method)
        path = with_sample(tmp_path, method=method, packed=bomb, size=1000)
        tracemalloc.start()
        fault = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert fault.what == "zip member cannot be unpacked"
        assert fault.expected in ("1000 bytes", "compressed data")
        assert peak < 16 << 20

    def test_a_frame_that_declares_more_than_the_directory_is_not_believed(
        self, tmp_path: Path
    ) -> None:
        frame = zstandard.ZstdCompressor().compress(b"{}" * (1 << 20))
        assert zstandard.frame_content_size(frame) == 2 << 20
        fault = refused(with_sample(tmp_path, method=ZSTD, packed=frame, size=40))
        assert (fault.expected, fault.got) == ("40 bytes", "more than 40 bytes")

    def test_many_frames_are_bounded_too(self, tmp_path: Path) -> None:
        frames = zstandard.ZstdCompressor().compress(b" " * 1000) * 50
        fault = refused(with_sample(tmp_path, method=ZSTD, packed=frames, size=1500))
        assert fault.got == "more than 1500 bytes"

    def test_an_absurd_ratio_is_refused_whatever_the_size(self, tmp_path: Path) -> None:
        packed = zstandard.ZstdCompressor(level=19).compress(b"\0" * (64 << 20))
        fault = refused(with_sample(tmp_path, method=ZSTD, packed=packed, size=64 << 20))
        assert fault.what == "zip member unpacks to far more than it holds"
        assert fault.expected == "at most 1000 times its packed size"

    def test_the_sum_of_members_is_bounded(self, tmp_path: Path) -> None:
        path = write_log(tmp_path / "a.eval", *(sample(n, input="x" * 900) for n in range(20)))
        fault = refused(path, limits=ReadLimits(total_bytes=9000))
        assert fault.what == "sum of zip members is too large to read"

    def test_members_that_share_their_bytes_are_refused(self, tmp_path: Path) -> None:
        entries = eval_entries([sample(1), sample(2)])
        first = write_zip(tmp_path / "a.eval", entries).read_bytes().find(b"samples/1") - 30
        entries[2] = replace(
            entries[2],
            offset=first,
            content=entries[1].content,
        )
        fault = refused(write_zip(tmp_path / "a.eval", entries))
        assert fault.what == "zip members overlap"

    def test_a_json_log_above_the_limit_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(dump({**header(), "samples": [sample(1)]}))
        fault = refused(path, limits=ReadLimits(json_bytes=100))
        assert fault.what == "log is too large to read"

    def test_a_large_text_with_nan_is_refused_rather_than_parsed_slowly(
        self, tmp_path: Path
    ) -> None:
        bad = sample(1, scores={"match": {"value": float("nan")}}, input="x" * 5000)
        fault = refused(write_log(tmp_path / "a.eval", bad), limits=ReadLimits(tolerant_bytes=4000))
        assert fault.what.startswith("JSON with NaN")

    def test_a_directory_of_too_many_members_is_refused(self, tmp_path: Path) -> None:
        path = write_log(tmp_path / "a.eval", *(sample(n) for n in range(20)))
        fault = refused(path, limits=ReadLimits(members=10))
        assert fault.what == "number of zip members is too large to read"
        fault = refused(path, limits=ReadLimits(directory_bytes=10))
        assert fault.what == "directory of the zip archive is too large to read"

    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_deep_nesting_is_refused(self, tmp_path: Path, opening: bytes) -> None:
        content = b'{"id": 1, "epoch": 1, "metadata": ' + opening * 200_000
        assert refused(with_sample(tmp_path, content=content)).what == "not readable JSON"

    def test_a_number_of_a_million_digits_is_refused(self, tmp_path: Path) -> None:
        content = b'{"id": 1, "epoch": ' + b"9" * 1_000_000 + b"}"
        assert refused(with_sample(tmp_path, content=content)).what == "not readable JSON"

    def test_a_sample_with_endless_scores_is_refused(self, tmp_path: Path) -> None:
        scores = {f"s{number}": {"value": 1} for number in range(2001)}
        fault = refused(write_log(tmp_path / "a.eval", sample(1, scores=scores)))
        assert fault.what == "log has too many different scores"


class TestDamage:
    @pytest.mark.parametrize("method", [STORED, DEFLATE, ZSTD])
    def test_one_flipped_byte_of_a_sample_is_found(self, tmp_path: Path, method: int) -> None:
        path = write_log(tmp_path / "a.eval", sample(1), method=method)
        content = bytearray(path.read_bytes())
        at = content.find(b"samples/1_epoch_1.json") + 22 + 30
        content[at] ^= 0x01
        path.write_bytes(bytes(content))
        assert refused(path).what == "zip member cannot be unpacked"

    def test_a_wrong_checksum_is_found(self, tmp_path: Path) -> None:
        content = dump(sample(1))
        fault = refused(with_sample(tmp_path, crc=zlib.crc32(content) ^ 1))
        assert fault.expected.startswith("CRC-32")
        assert fault.got == f"CRC-32 {zlib.crc32(content):08x}"

    @pytest.mark.parametrize("path", sorted(REAL.glob("*.eval")), ids=lambda path: path.name)
    def test_a_real_log_cut_anywhere_is_refused(self, path: Path, tmp_path: Path) -> None:
        content = path.read_bytes()
        for part in (0, 1, 3, 30, len(content) // 2, len(content) - 23, len(content) - 1):
            cut = tmp_path / "cut.eval"
            cut.write_bytes(content[:part])
            refused(cut)

    @pytest.mark.parametrize("path", sorted(REAL.glob("*.json")), ids=lambda path: path.name)
    def test_a_real_json_log_cut_anywhere_is_refused(self, path: Path, tmp_path: Path) -> None:
        content = path.read_bytes().rstrip()
        for part in (0, 1, len(content) // 3, len(content) - 1):
            cut = tmp_path / "cut.json"
            cut.write_bytes(content[:part])
            refused(cut)

    def test_truncated_json_names_the_byte(self, tmp_path: Path) -> None:
        content = dump(sample(1))[:40]
        fault = refused(with_sample(tmp_path, content=content))
        assert fault.what == "not JSON"
        assert fault.path == "samples/1_epoch_1.json"
        assert "of 40" in fault.got

    def test_a_missing_header_names_it(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "a.eval", [Entry(name="x", content=b"")])
        fault = refused(path)
        assert (fault.expected, fault.got) == ("`_journal/start.json`", "no such member")

    def test_encryption_and_unknown_methods_are_refused(self, tmp_path: Path) -> None:
        fault = refused(with_sample(tmp_path, flag=0x801))
        assert fault.got == "an encrypted member"
        fault = refused(with_sample(tmp_path, method=14, packed=b"x"))
        assert fault.got == "method 14"

    @pytest.mark.parametrize(
        ("offset", "value"), [(4, 1), (10, 99), (12, 5), (16, 0xFFFFFF), (8, 99)]
    )
    def test_a_lying_end_record_is_refused(self, tmp_path: Path, offset: int, value: int) -> None:
        path = write_log(tmp_path / "a.eval", sample(1))
        content = bytearray(path.read_bytes())
        end = len(content) - 22
        width = 4 if offset in (12, 16) else 2
        content[end + offset : end + offset + width] = value.to_bytes(width, "little")
        path.write_bytes(bytes(content))
        if offset == 8:  # entries on this disk: nothing depends on it
            assert len(read_log(path).samples) == 1
        else:
            refused(path)

    def test_a_lying_zip64_record_is_refused(self, tmp_path: Path) -> None:
        entries = [replace(entry, is_zip64=True) for entry in eval_entries([sample(1)])]
        path = write_zip(tmp_path / "a.eval", entries)
        content = path.read_bytes()
        path.write_bytes(content.replace(b"\x01\x00\x18\x00", b"\x02\x00\x18\x00"))
        assert refused(path).expected == "zip64 sizes"

    def test_a_file_that_grows_while_it_is_read_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from scalegate.adapters.inspect_log import read

        path = write_log(tmp_path / "a.eval", sample(1))
        whole = read._whole_eval

        def growing(*args: Any) -> Any:
            with path.open("ab") as file:
                file.write(b"more")
            return whole(*args)

        monkeypatch.setattr(read, "_whole_eval", growing)
        assert refused(path).what == "log changed while it was read"

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"[]", "`object`"),
            (b'{"epoch": 1}', "Object missing required field `id`"),
            (b'{"id": 1, "epoch": "1"}', "`int`"),
            (b'{"id": 1, "epoch": -1}', "a whole number from 1"),
            (b'{"id": [1], "epoch": 1}', "text of at most 65535 characters, or a whole number"),
            (b'{"id": true, "epoch": 1}', "text of at most 65535 characters, or a whole number"),
            (b'{"id": 1, "epoch": 1, "scores": []}', "`object | null`"),
            (b'{"id": 1, "epoch": 1, "error": "x"}', "`object | null`"),
            (b'{"id": 1, "epoch": 1, "score": {}, "scores": {"a": {}}}', "`scores` or `score`"),
        ],
    )
    def test_a_sample_of_another_shape_is_refused_with_its_place(
        self, tmp_path: Path, content: bytes, expected: str
    ) -> None:
        fault = refused(with_sample(tmp_path, content=content))
        assert fault.path.startswith("samples/1_epoch_1.json")
        assert fault.expected == expected

    @pytest.mark.parametrize(
        "changes",
        [{"status": "fine"}, {"status": 5}, {"eval": []}, {"eval": {"task": "t"}}, {"plan": 3}],
    )
    def test_a_header_of_another_shape_is_refused(
        self, tmp_path: Path, changes: dict[str, Any]
    ) -> None:
        path = write_log(tmp_path / "a.eval", sample(1))
        entries = eval_entries([sample(1)])
        entries[-1] = replace(entries[-1], content=dump({**header(), **changes}))
        refused(write_zip(path, entries))

    def test_two_values_under_one_score_name_are_refused(self, tmp_path: Path) -> None:
        scores = {"a/b": {"value": 0}, "a": {"value": {"b": 1}}}
        fault = refused(write_log(tmp_path / "a.eval", sample(1, scores=scores)))
        assert fault.what == "two scores of a sample have the same name"

    def test_something_else_is_not_a_log(self, tmp_path: Path) -> None:
        path = tmp_path / "a.eval"
        path.write_bytes(b"\x89PNG....")
        assert refused(path).what == "not an evaluation log"


class TestPaths:
    @pytest.mark.parametrize(
        "name",
        [
            "samples/../../../../etc/passwd_epoch_1.json",
            "samples/..\\..\\x_epoch_1.json",
            "samples/x\0y_epoch_1.json",
            "/samples/x_epoch_1.json",
            "C:/x_epoch_1.json",
        ],
    )
    def test_a_name_that_climbs_is_flagged_and_never_used_as_a_path(
        self, tmp_path: Path, name: str
    ) -> None:
        entries = eval_entries([sample(1)])
        entries.append(Entry(name=name, content=dump(sample(2))))
        path = write_zip(tmp_path / "a.eval", entries)
        before = sorted(tmp_path.iterdir())
        log = read_log(path)
        assert FlagKind.ODD_NAME in {flag.kind for flag in log.flags}
        assert sorted(tmp_path.iterdir()) == before

    def test_a_name_that_is_not_utf8_is_read_and_shown_harmlessly(self, tmp_path: Path) -> None:
        entries = eval_entries([sample(1)])
        entries.append(Entry(name="samples/\udcff_epoch_1.json", content=b"{", flag=0))
        fault = refused(write_zip(tmp_path / "a.eval", entries))
        assert fault.path == "samples/\ufffd_epoch_1.json"


HOSTILE = (
    "<script>alert(1)</script>\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\\x1b[2J\u202e\u200b\x00"
)


class TestText:
    def test_no_control_character_survives_in_what_is_kept(self, tmp_path: Path) -> None:
        hostile = sample(
            1,
            scores={HOSTILE: {"value": "C", "reason": HOSTILE}},
            error={"message": HOSTILE},
            limit={"type": HOSTILE},
            output={
                "model": HOSTILE,
                "choices": [
                    {"stop_reason": HOSTILE, "stop_details": {"type": "x", "category": HOSTILE}}
                ],
            },
        )
        table = read_log(write_log(tmp_path / "a.eval", hostile)).samples
        kept = [
            *table.score_names,
            *table.scores[0].notes,
            *(text for _, text in table.error_texts),
            *table.limits,
            *table.output_models,
            *table.stop_reasons,
            *table.stop_categories,
        ]
        assert len(kept) == 7
        for text in kept:
            assert not set(text) & set("\x1b\u202e\u200b\x00"), text
            assert "<script>" in text, "kept as text; HTML is escaped where HTML is made"

    def test_no_control_character_survives_in_a_fault(self, tmp_path: Path) -> None:
        path = write_log(tmp_path / "a.eval", sample(1), status=HOSTILE)
        for read in (read_log, read_scores, read_header):
            with pytest.raises(FormatError) as caught:
                read(path)
            assert not set(str(caught.value)) & set("\x1b\u202e\u200b\x00")

    def test_long_text_is_bounded(self, tmp_path: Path) -> None:
        spec = {**header()["eval"], "task": "t" * 100_000}
        long = sample(1, error={"message": "e" * 100_000}, output={"model": "m" * 100_000})
        log = read_log(write_log(tmp_path / "a.eval", long, eval=spec))
        assert len(log.header.task) == 1000
        assert len(log.samples.error_texts[0][1]) == 200
        assert len(log.samples.output_models[0]) == 1000

    def test_an_endless_id_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(dump({**header(), "samples": [sample("i" * 70_000)]}))
        assert refused(path).what == "not an item id"

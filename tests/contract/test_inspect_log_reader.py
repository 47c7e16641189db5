"""What the reader of Inspect logs promises, on real logs and on every oddity of the format."""

from __future__ import annotations

import gc
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from scalegate.adapters.inspect_log import (
    ReadLimits,
    SideIndex,
    file_digest,
    read_header,
    read_log,
    read_scores,
)
from scalegate.base.errors import FormatError, OutsideError
from scalegate.evidence.eval_log import Container, Detail, EvalLog, Flag, FlagKind
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

LOGS = Path(__file__).parents[1] / "data/inspect-logs"
REAL = sorted([*LOGS.glob("*.eval"), *LOGS.glob("*.json")])
CUT_DOWN = [path for path in REAL if path.name.startswith("every_eval_ever__")]


def facts(log: EvalLog) -> list[tuple[Any, ...]]:
    return [(row.id, row.epoch, row.score, row.unscored) for row in log.samples.rows()]


def kinds(log: EvalLog) -> set[FlagKind]:
    return {flag.kind for flag in log.flags}


def test_the_real_logs_are_all_here() -> None:
    assert len(REAL) == 20
    assert len(CUT_DOWN) == 5


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_every_real_log_imports_whole(path: Path) -> None:
    log = read_log(path)
    assert log.samples.detail is Detail.FULL
    assert log.digest_sha256 == file_digest(path)
    assert log.byte_size == path.stat().st_size
    assert log.header.task
    assert log.header.model
    assert log.header.created_at is not None
    assert log.header.container is Container(path.suffix[1:])
    assert log.header == read_header(path)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_the_cheap_pass_finds_the_same_scores_errors_and_limits(path: Path) -> None:
    whole, cheap = read_log(path), read_scores(path)
    if path.suffix == ".eval":
        assert cheap.samples.detail is Detail.SCORES
    for log in (whole, cheap):
        assert len(log.samples) == len(set(zip(log.samples.ids, log.samples.epochs, strict=True)))
    left, right = (
        sorted(zip(log.samples.rows(), log.samples.limits, strict=True), key=lambda pair: (
            pair[0].id, pair[0].epoch))
        for log in (whole, cheap)
    )  # fmt: skip
    assert [(row.id, row.epoch, row.score, row.error, limit) for row, limit in left] == [
        (row.id, row.epoch, row.score, row.error, limit) for row, limit in right
    ]


@pytest.mark.parametrize("path", CUT_DOWN, ids=lambda path: path.name)
def test_every_log_that_was_cut_down_disagrees_with_its_header(path: Path) -> None:
    mismatches = [flag for flag in read_log(path).flags if flag.kind is FlagKind.HEADER_MISMATCH]
    assert mismatches
    assert all(flag.expected and flag.got and flag.where for flag in mismatches)


def test_a_metric_of_samples_that_are_gone_is_reported_with_both_sides() -> None:
    log = read_log(LOGS / "every_eval_ever__data_intercode_ctf_local_path.json")
    assert (
        Flag(
            kind=FlagKind.HEADER_MISMATCH,
            where="results.scores.includes.accuracy",
            expected="0.35443",
            got="0 recomputed",
        )
        in log.flags
    )
    assert log.samples.limits == ("message",)


@pytest.mark.parametrize(
    "name", ["inspect_scout__popularity_DN2wbX2ZvACsBpjwptzBRo", "METR_inspect-action__oxdna"]
)
def test_a_whole_run_agrees_with_its_header(name: str) -> None:
    log = read_log(next(path for path in REAL if path.name.startswith(name)))
    assert log.flags == ()


def test_what_real_headers_say_is_kept() -> None:
    found = read_log(next(path for path in REAL if path.name.startswith("METR_"))).header
    assert (found.planned_epochs, found.planned_total, found.is_finished) == (6, 6, True)
    assert found.inspect_version == "0.3.132"
    theory = read_header(next(path for path in REAL if "theory-of-mind" in path.name))
    assert theory.planned_ids[:3] == ("1", "2", "3")
    assert theory.revision_commit == "66c0c9077"
    assert theory.eval_set_id == "oEitG9hNLnXgzJttnHZ3qb"
    assert [metric.metric for metric in theory.reported_metrics] == ["accuracy", "stderr"]


def test_times_and_tokens_are_read_from_the_samples() -> None:
    samples = read_log(next(path for path in REAL if "theory-of-mind" in path.name)).samples
    row = samples.ids.index("5")
    assert (samples.tokens_in[row], samples.tokens_out[row]) == (566, 417)
    assert (samples.total_seconds[row], samples.working_seconds[row]) == (15.72, 6.371)
    assert samples.output_models[row].startswith("gpt-4o-mini")


def test_metadata_is_read_only_where_it_was_asked_for() -> None:
    path = LOGS / "inspect_ai__popularity_cancelled.json"
    assert read_log(path).samples.metadata == ()
    samples = read_log(path, metadata_keys=("label_confidence", "nested", "absent")).samples
    columns = {column.name: column.values for column in samples.metadata}
    assert columns["label_confidence"][0] == pytest.approx(0.8860552919198255)
    assert columns["nested"] == (None, None, None), "only scalars fit in a column"
    assert columns["absent"] == (None, None, None)


@pytest.mark.parametrize("method", [STORED, DEFLATE, ZSTD])
def test_each_packing_method_reads_the_same(tmp_path: Path, method: int) -> None:
    path = write_log(tmp_path / "a.eval", sample(1), sample("x", 2), method=method)
    assert facts(read_log(path)) == [("1", 1, 1.0, ""), ("x", 2, 1.0, "")]
    assert facts(read_scores(path)) == [("1", 1, 1.0, ""), ("x", 2, 1.0, "")]


def test_a_member_of_several_zstandard_frames_is_read_to_its_end(tmp_path: Path) -> None:
    content = dump(sample(1))
    frames = b"".join(pack(content[at : at + 50], ZSTD) for at in range(0, len(content), 50))
    entries = eval_entries([sample(1)])
    entries[1] = replace(entries[1], method=ZSTD, packed=frames)
    assert facts(read_log(write_zip(tmp_path / "a.eval", entries))) == [("1", 1, 1.0, "")]


def test_a_frame_that_does_not_state_its_size_is_read(tmp_path: Path) -> None:
    content = dump(sample(1))
    streamed = zstandard.ZstdCompressor().compressobj()
    packed = streamed.compress(content) + streamed.flush()
    entries = eval_entries([sample(1)])
    entries[1] = replace(entries[1], method=ZSTD, packed=packed)
    assert facts(read_log(write_zip(tmp_path / "a.eval", entries))) == [("1", 1, 1.0, "")]


def test_zip64_sizes_are_read(tmp_path: Path) -> None:
    entries = [replace(entry, is_zip64=True) for entry in eval_entries([sample(1), sample(2)])]
    path = write_zip(tmp_path / "a.eval", entries)
    assert facts(read_log(path)) == [("1", 1, 1.0, ""), ("2", 1, 1.0, "")]


def test_more_members_than_sixteen_bits_count_are_read(tmp_path: Path) -> None:
    from zipfile import ZipFile

    path = tmp_path / "a.eval"
    with ZipFile(path, "w") as archive:
        for number in range(65_600):
            archive.writestr(f"x/{number}", b"")
        for entry in eval_entries([sample(1)]):
            archive.writestr(entry.name, entry.content)
    assert facts(read_log(path)) == [("1", 1, 1.0, "")]


def test_a_local_header_with_long_extra_fields_is_read(tmp_path: Path) -> None:
    from zipfile import ZipFile, ZipInfo

    path = tmp_path / "a.eval"
    with ZipFile(path, "w") as archive:
        for entry in eval_entries([sample(1), sample(2)]):
            member = ZipInfo(entry.name)
            member.extra = b"\x99\x99" + (3000).to_bytes(2, "little") + bytes(3000)
            archive.writestr(member, entry.content)
    assert facts(read_log(path)) == [("1", 1, 1.0, ""), ("2", 1, 1.0, "")]


@pytest.mark.parametrize("padding", [0, 1, 10_000, (1 << 18) - 1, 1 << 18, 700_000])
def test_the_digest_is_that_of_the_whole_file_whatever_lies_between(
    tmp_path: Path, padding: int
) -> None:
    """Samples are read in passing; members that no one asks for are hashed all the same."""
    entries = eval_entries([sample(1), sample(2), sample(3)])
    filled = [
        member
        for number, entry in enumerate(entries)
        for member in (Entry(name=f"x/{number}", content=b"x" * padding, method=STORED), entry)
    ]
    path = write_zip(tmp_path / "a.eval", filled)
    assert read_log(path).digest_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_sample_larger_than_the_window_is_read_and_hashed(tmp_path: Path) -> None:
    long = sample(2, input="".join(chr(33 + n % 90) for n in range(600_000)))
    path = write_log(tmp_path / "a.eval", sample(1), long, sample(3), method=STORED)
    log = read_log(path)
    assert facts(log) == [("1", 1, 1.0, ""), ("2", 1, 1.0, ""), ("3", 1, 1.0, "")]
    assert log.digest_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


class TestBlocks:
    """Samples are added by blocks of 4 MiB; where a block ends changes nothing."""

    LONG = "x" * (3 << 20)

    def test_every_column_goes_on_across_blocks(self, tmp_path: Path) -> None:
        path = write_log(
            tmp_path / "a.eval",
            sample(1, input=self.LONG),
            sample(2, input=self.LONG, scores={}),
            sample(3, input=self.LONG, scores={"match": {"value": "I"}, "late": {"value": 3}}),
            sample(4, error={"message": "provider answered 500"}),
        )
        log = read_log(path)
        assert facts(log) == [
            ("1", 1, 1.0, ""),
            ("2", 1, None, "absent"),
            ("3", 1, 0.0, ""),
            ("4", 1, 1.0, ""),
        ]
        late = log.samples.score("late")
        assert late is not None
        assert late.unscored == ("absent", "absent", "", "absent")
        assert log.samples.errors == ("", "", "", "errored")
        assert log.samples.error_texts == ((3, "provider answered 500"),)

    def test_a_faulty_sample_is_named_wherever_it_stands(self, tmp_path: Path) -> None:
        path = write_log(
            tmp_path / "a.eval",
            *(sample(number, input=self.LONG) for number in range(1, 4)),
            sample(4),
            sample(5, epoch=-1),
        )
        with pytest.raises(FormatError) as found:
            read_log(path)
        assert found.value.path == "samples/5_epoch_-1.json epoch"


def test_of_members_with_one_name_the_last_counts(tmp_path: Path) -> None:
    old, new = sample(1), sample(1, scores={"match": {"value": "I"}})
    entries = eval_entries([old])
    again = Entry(name=entries[1].name, content=dump(new))
    log = read_log(write_zip(tmp_path / "a.eval", [*entries, again]))
    assert facts(log) == [("1", 1, 0.0, "")]
    assert FlagKind.SUPERSEDED in kinds(log)


def test_of_summaries_with_one_key_the_last_counts(tmp_path: Path) -> None:
    entries = eval_entries([sample(1), sample(1, scores={"match": {"value": "I"}})])
    log = read_scores(write_zip(tmp_path / "a.eval", entries))
    assert facts(log) == [("1", 1, 0.0, "")]


def test_a_run_that_never_finished_is_read_from_its_journal(tmp_path: Path) -> None:
    entries = eval_entries([sample(1), sample(2)])
    journal = [entry for entry in entries if entry.name not in ("header.json", "summaries.json")]
    second = [{"id": 3, "epoch": 1, "scores": {"match": {"value": "I"}}}]
    journal += [
        Entry(name="_journal/summaries/10.json", content=dump(second)),
        Entry(name="_journal/summaries/2.json", content=dump(second[:0])),
        Entry(name="_journal/config_updates/1.json", content=b"{}"),
    ]
    path = write_zip(tmp_path / "a.eval", journal)
    log = read_log(path)
    assert (log.header.status, log.header.is_finished) == ("started", False)
    assert log.header.config_update_count == 1
    assert len(log.samples) == 2
    assert read_scores(path).samples.ids == ("1", "2", "3")


def test_an_id_with_slashes_is_only_an_id(tmp_path: Path) -> None:
    log = read_log(write_log(tmp_path / "a.eval", sample("a/b/../c_epoch_9"), sample("a/b")))
    assert set(log.samples.ids) == {"a/b/../c_epoch_9", "a/b"}
    assert FlagKind.ODD_NAME in kinds(log), "flagged, though it is never used as a path"


def test_nan_in_a_score_is_unscored_and_its_neighbours_are_read(tmp_path: Path) -> None:
    samples = [sample(1, scores={"match": {"value": float("nan")}}), sample(2)]
    for path in (
        write_log(tmp_path / "a.eval", *samples),
        _json_log(tmp_path / "a.json", *samples),
    ):
        assert facts(read_log(path)) == [("1", 1, None, "not_a_number"), ("2", 1, 1.0, "")]
        assert facts(read_scores(path)) == facts(read_log(path))


def test_an_infinity_is_unscored_and_a_time_that_is_none_is_dropped(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "a.eval",
        sample(1, scores={"match": {"value": float("-inf")}}, total_time=float("nan")),
    )
    log = read_log(path)
    assert facts(log) == [("1", 1, None, "infinite")]
    assert log.samples.total_seconds == (None,)


def _json_log(path: Path, *samples: dict[str, Any], **fields: Any) -> Path:
    path.write_bytes(dump({**header(**fields), "samples": list(samples)}))
    return path


def test_long_integers_and_lone_surrogates_are_read(tmp_path: Path) -> None:
    content = (
        b'{"id": 99999999999999999999999, "epoch": 1, "input": "\\ud800", '
        b'"scores": {"match": {"value": "C"}}, "output": {"model": "m\\ud800"}}'
    )
    entries = eval_entries([sample(1)])
    entries[1] = replace(entries[1], content=content)
    log = read_log(write_zip(tmp_path / "a.eval", entries))
    assert log.samples.ids == ("99999999999999999999999",)
    assert log.samples.output_models == ("m\ufffd",)


def test_old_spellings_are_read(tmp_path: Path) -> None:
    old = sample(1)
    del old["scores"]
    old |= {
        "score": {"value": "P"},
        "transcript": {"events": [], "content": {}},
        "output": {"model": "m-1", "choices": [{"stop_reason": "length"}]},
    }
    top = {
        "results": {
            "scorer": {"name": "includes"},
            "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}},
        },
        "eval": {**header()["eval"], "config": {"max_messages": 7}},
    }
    log = read_log(_json_log(tmp_path / "a.json", old, **top))
    assert log.samples.score_names == ("includes",)
    assert facts(log) == [("1", 1, 0.5, "")]
    assert log.samples.stop_reasons == ("max_tokens",)
    assert log.header.limits.messages == 7
    assert [metric.value for metric in log.header.reported_metrics] == [0.5]


def test_dict_and_list_scores_give_a_column_per_entry(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "a.eval",
        sample(1, scores={"d": {"value": {"x": 1, "y": None}}, "l": {"value": ["C", 0.5]}}),
        sample(2, scores={"d": {"value": {"x": "I"}}}),
        sample(3, scores=None),
    )
    columns = {column.name: column for column in read_log(path).samples.scores}
    assert columns["d/x"].values == (1.0, 0.0, 0.0)
    assert columns["d/x"].unscored == ("", "", "absent")
    assert columns["d/y"].unscored == ("null", "absent", "absent")
    assert columns["l/0"].unscored == ("", "absent", "absent")
    assert columns["l/1"].values[0] == 0.5


def test_every_fact_that_spoils_a_score_is_read(tmp_path: Path) -> None:
    spoiled = sample(
        1,
        error={"message": "RuntimeError('x\x1b[31m')", "traceback": "", "traceback_ansi": ""},
        limit={"type": "token", "limit": 100},
        invalidation={"author": "a", "timestamp": "2026-01-01T00:00:00Z"},
        error_retries=[{"message": "x"}],
        model_fallbacks=[{"model": "m-1", "fallback_model": "m-0", "count": 3}],
        output={
            "model": "m-0",
            "choices": [
                {
                    "stop_reason": "content_filter",
                    "stop_details": {"type": "refusal", "category": "cbrn"},
                }
            ],
        },
        scores={"match": {"value": "I", "reason": "refusal", "history": [{"value": "C"}]}},
    )
    cancelled = sample(2, error={"message": "CancelledError('stopped')"})
    old_reason = {"match": {"value": 0, "metadata": {"unscored_reason": "grader_failed"}}}
    moderated = sample(3, output={"model": "m-1", "choices": [], "error": "moderated"})
    log = read_log(
        write_log(tmp_path / "a.eval", spoiled, cancelled, moderated, sample(4, scores=old_reason))
    )
    table = log.samples
    assert table.errors == ("errored", "cancelled", "", "")
    assert table.error_texts == ((0, "RuntimeError('x\ufffd[31m')"),)
    assert table.limits == ("token", "", "", "")
    assert table.invalidated == (True, False, False, False)
    assert table.retries == (1, 0, 0, 0)
    assert table.fallbacks == (3, 0, 0, 0)
    assert table.stop_reasons == ("content_filter", "stop", "", "stop")
    assert table.stop_categories == ("cbrn", "", "", "")
    assert table.refused == (True, False, True, False)
    assert table.scores[0].edited == (True, False, False, False)
    assert table.scores[0].notes == ("refusal", "", "", "grader_failed")


def test_a_date_without_a_zone_is_no_date_and_is_flagged(tmp_path: Path) -> None:
    spec = {**header()["eval"], "created": "2026-01-02T03:04:05"}
    log = read_log(write_log(tmp_path / "a.eval", sample(1), eval=spec))
    assert log.header.created_at is None
    flag = next(flag for flag in log.flags if flag.kind is FlagKind.NO_DATE)
    assert (flag.where, flag.got) == ("eval.created", "2026-01-02T03:04:05")


def test_model_arguments_are_kept_without_secrets(tmp_path: Path) -> None:
    spec = {
        **header()["eval"],
        "model_args": {"revision": "r1", "api_key": "sk-1", "nested": {"a": 1}},
        "model_generate_config": {"max_tokens": 5, "temperature": 0.5},
        "model_roles": {"grader": {"model": "lab/g"}, "red": [{"model": "lab/r"}]},
        "metadata": {"task_comparability_version": 3},
    }
    found = read_log(write_log(tmp_path / "a.eval", sample(1), eval=spec)).header
    assert found.model_args == (("revision", "r1"),)
    assert dict(found.model_generate_config) == {"max_tokens": 5, "temperature": 0.5}
    assert found.model_roles == (("grader", "lab/g"), ("red", "lab/r"))
    assert found.comparability_version == "3"
    other = {**spec, "model_args": {**spec["model_args"], "api_key": "sk-2"}}
    again = read_log(write_log(tmp_path / "b.eval", sample(1), eval=other)).header
    assert again.model_args_digest != found.model_args_digest


def test_planned_items_are_the_largest_claim_of_the_header(tmp_path: Path) -> None:
    def planned(dataset: dict[str, Any], config: dict[str, Any], total: int | None) -> int | None:
        spec = {**header()["eval"], "dataset": dataset, "config": config}
        results = None if total is None else {"total_samples": total}
        path = write_log(tmp_path / "a.eval", sample(1), eval=spec, results=results)
        return read_header(path).planned_id_count

    assert planned({"samples": 9, "sample_ids": [1, 2]}, {"limit": 2}, None) == 2
    assert planned({"samples": 9, "sample_ids": [1, 2]}, {"epochs": 2}, 12) == 6
    assert planned({"samples": 9}, {}, None) == 9
    assert planned({"samples": 9}, {"limit": 4}, None) == 4
    assert planned({"samples": 9}, {"limit": [2, 4]}, None) is None
    assert planned({"samples": 9}, {"sample_id": "x"}, None) is None
    assert planned({}, {}, None) is None


def test_a_limit_as_large_as_the_data_set_takes_nothing_away(tmp_path: Path) -> None:
    spec = {**header()["eval"], "config": {"limit": 20_000}}
    found = read_log(write_log(tmp_path / "a.eval", sample(1), eval=spec)).header
    assert (found.is_subset, found.subset) == (False, "limit 20000")


def test_the_container_is_told_by_the_bytes_not_by_the_name(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.json", sample(1))
    assert read_log(path).header.container is Container.EVAL
    odd = tmp_path / "log.eval"
    odd.write_bytes(b"\xef\xbb\xbf " + dump({**header(), "samples": [sample(1)]}))
    assert read_log(odd).header.container is Container.JSON


def test_samples_in_chunks_are_refused_by_name(tmp_path: Path) -> None:
    entries = eval_entries([sample(1)])
    entries.append(Entry(name="samples/2_epoch_1/sample.json", content=dump(sample(2))))
    with pytest.raises(FormatError) as caught:
        read_log(write_zip(tmp_path / "a.eval", entries))
    assert caught.value.what.startswith("sample is stored in chunks")
    assert caught.value.path == "samples/2_epoch_1/sample.json"
    assert "inspect log convert" in caught.value.hint


def test_an_unknown_version_goes_through_inspect_and_is_flagged(tmp_path: Path) -> None:
    real = LOGS / "inspect_ai__popularity_scored.eval"
    path = _with_version(real, 7, tmp_path / "a.eval")
    ours, theirs = (
        read_log(real, metadata_keys=("label_confidence",)),
        read_log(path, metadata_keys=("label_confidence",)),
    )
    assert FlagKind.FOREIGN_READER in kinds(theirs)
    assert sorted(facts(theirs)) == sorted(facts(ours))
    assert theirs.samples.metadata[0].values[0] is not None


def test_an_unknown_version_without_inspect_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "inspect_ai.log", None)
    path = write_log(tmp_path / "a.eval", sample(1), version=9)
    with pytest.raises(FormatError) as caught:
        read_log(path)
    assert (caught.value.path, caught.value.expected, caught.value.got) == (
        "version",
        "1, 2 or 3",
        "`9`",
    )
    assert "scalegate[inspect]" in caught.value.hint


def _with_version(source: Path, version: int, target: Path) -> Path:
    from zipfile import ZipFile

    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "header.json":
                content = dump({**json.loads(content), "version": version})
            new.writestr(name, content)
    return target


def test_reading_leaves_the_collector_as_it_was(tmp_path: Path) -> None:
    path = write_log(tmp_path / "a.eval", sample(1))
    read_log(path)
    assert gc.isenabled()


def test_a_missing_file_is_an_outside_error(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"cannot read the log `none.eval`"):
        read_log(tmp_path / "none.eval")


class TestSideIndex:
    """The second read comes from the index; a damaged index is as good as none."""

    @pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
    def test_the_second_read_is_the_same_value(self, path: Path, tmp_path: Path) -> None:
        index = SideIndex(tmp_path / "index")
        assert index.read_log(path) == index.read_log(path) == read_log(path)
        assert len(list((tmp_path / "index").iterdir())) == 1

    def test_a_known_digest_spares_the_file(self, tmp_path: Path) -> None:
        path = write_log(tmp_path / "a.eval", sample(1))
        index = SideIndex(tmp_path / "index")
        log = index.read_log(path)
        path.unlink()
        assert index.read_log(path, digest=log.digest_sha256) == log

    def test_another_file_is_another_entry(self, tmp_path: Path) -> None:
        index = SideIndex(tmp_path / "index")
        path = write_log(tmp_path / "a.eval", sample(1))
        first = index.read_log(path)
        write_log(path, sample(1, scores={"match": {"value": "I"}}))
        assert facts(index.read_log(path)) != facts(first)
        assert index.read_log(path, metadata_keys=("x",)).samples.metadata

    @pytest.mark.parametrize("damage", [b"", b"scalegate-side-index 1\n", b"x" * 400])
    def test_a_damaged_entry_is_made_again(self, tmp_path: Path, damage: bytes) -> None:
        index = SideIndex(tmp_path / "index")
        path = write_log(tmp_path / "a.eval", sample(1))
        log = index.read_log(path)
        entry = next((tmp_path / "index").iterdir())
        whole = entry.read_bytes()
        entry.write_bytes(damage)
        assert index.read_log(path) == log
        assert entry.read_bytes() == whole

    def test_an_entry_with_one_flipped_byte_is_made_again(self, tmp_path: Path) -> None:
        index = SideIndex(tmp_path / "index")
        path = write_log(tmp_path / "a.eval", sample(1))
        log = index.read_log(path)
        entry = next((tmp_path / "index").iterdir())
        content = bytearray(entry.read_bytes())
        content[-3] ^= 1
        entry.write_bytes(bytes(content))
        assert index.read_log(path) == log

    def test_a_refused_log_leaves_nothing_behind(self, tmp_path: Path) -> None:
        path = tmp_path / "a.eval"
        path.write_bytes(b"PK\x03\x04 nothing")
        with pytest.raises(FormatError):
            SideIndex(tmp_path / "index").read_log(path)
        assert not (tmp_path / "index").exists()


def test_limits_can_be_raised_by_the_caller(tmp_path: Path) -> None:
    path = write_log(tmp_path / "a.eval", sample(1, input="x" * 5000))
    with pytest.raises(FormatError):
        read_log(path, limits=ReadLimits(member_bytes=4000))
    assert len(read_log(path, limits=ReadLimits(member_bytes=6000)).samples) == 1

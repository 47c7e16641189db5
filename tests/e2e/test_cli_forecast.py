"""`scalegate forecast`: from a table and from a workspace; what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scalegate.app.importing import import_paths
from scalegate.cli.main import run
from scalegate.wiring import open_workspace
from tests.strategies.cli_lab import AS_OF, make_lab
from tests.strategies.report_case import HEAD

COMPUTE = "name,effective_compute,successes,items\na,1,4,100\nb,4,9,100\nc,16,17,100\nd,64,24,100\n"
DATES = "name,date,minutes,upper\na,2024-01-01,4,9\nb,2024-07-01,8,20\nc,2025-01-01,15,40\n"


def table(folder: Path, text: str) -> list[str]:
    file = folder / "series.csv"
    file.write_text(text, encoding="utf-8")
    return ["forecast", "--points", str(file)]


def asked(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = run([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_table_by_compute_says_when_the_line_may_bind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = asked([*table(tmp_path, COMPUTE), "--line", "0.5", "--check"], capsys)
    assert (code, found["rule"]) == (11, "series")
    assert [each["at_steps"] for each in found["checkpoints"]] == pytest.approx([0, 1, 2, 3])
    assert not found["stays_below"]
    assert 0 < found["earliest_steps"] < 1
    assert found["earliest_on"] is None
    further, bolder = asked([*table(tmp_path, COMPUTE), "--line", "0.9", "--check"], capsys)
    assert (further, bolder["stays_below"]) == (0, True)


def test_a_table_by_date_names_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = asked([*table(tmp_path, DATES), "--line", "480"], capsys)
    assert (code, found["axis"], found["by"]) == (0, "minutes", "date")
    assert "2025-01-01" < found["earliest_on"] < "2026-01-01"


def test_the_text_fits_eighty_columns_and_names_what_it_cannot_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*table(tmp_path, COMPUTE), "--line", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "What this forecast cannot see" in shown
    assert "jumps" in shown


def test_a_drawing_is_whole_and_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = COMPUTE.replace("a,1", '"<script>alert(1)</script>",1')
    drawing = tmp_path / "series.svg"
    words = [*table(tmp_path, named), "--line", "0.5", "--svg", str(drawing)]
    assert run(words) == 0
    text = drawing.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert text.endswith("</svg>\n")
    assert "<script" not in text
    assert "<desc>" in text
    assert run(words) == 2
    assert "there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns"),
        ("name,effective_compute\na,1\n", "columns"),
        ("name,effective_compute,date,successes,items\n", "columns"),
        ("name,effective_compute,successes,items,luck\na,1,1,2,3\n", "columns"),
        ("name,effective_compute,successes,items\n", "not a series"),
        ("name,effective_compute,successes,items\na,1,5,4\n", "series.csv:2:"),
        ("name,effective_compute,successes,items\na,1,0,0\n", "at least 1"),
        ("name,effective_compute,successes,items\na,0,1,4\n", "above 0"),
        ("name,effective_compute,successes,items\na,nan,1,4\n", "above 0"),
        ("name,effective_compute,successes,items\na,x,1,4\n", "a number"),
        ("name,effective_compute,successes,items\na,1,1\n", "one value per column"),
        ("name,effective_compute,successes,items\na,1,1,4,9\n", "one value per column"),
        ("name,effective_compute,successes,items\na,1,1,4\nb,1,2,4\n", "at one place"),
        ("name,effective_compute,successes,items\na,1,1,4\na,4,2,4\n", "`a` again"),
        ("name,date,share,upper\na,2026-01-01,-0.1,0.2\n", "from 0, at most 1"),
        ("name,date,share,upper\na,soon,0.1,0.2\n", "a day"),
        ("name,date,share,upper\na,2026-01-01,0.3,0.2\n", "out of range"),
        ("name,date,share,upper\na,2026-01-01,0.3,1.2\n", "at most 1"),
    ],
)
def test_what_is_no_series_is_refused_in_words(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*table(tmp_path, text), "--line", "0.5"]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_nothing_to_forecast_from_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in (
        (["forecast"], "nothing to forecast from"),
        (["forecast", "--points", str(tmp_path / "none.csv")], "there is no"),
        (table(tmp_path, COMPUTE), "no line"),
        ([*table(tmp_path, COMPUTE), "--line", "0.5", "--alpha", "0.9"], "--alpha"),
        ([*table(tmp_path, COMPUTE), "--line", "0.5", "--days-per-step", "0"], "--days-per-step"),
        ([*table(tmp_path, COMPUTE), "--line", "0.5", "--by", "date"], "leave `--by` out"),
        ([*table(tmp_path, COMPUTE), "--alpha", "x"], "`--alpha`: expected a valid number; see"),
        ([*table(tmp_path, COMPUTE), "--by", "moon"], "`--by`: `moon` is not one of"),
    ):
        assert run(words) == 2
        assert said in capsys.readouterr().err


def test_the_line_of_a_shipped_policy_is_taken_if_it_fits_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share = [*table(tmp_path, COMPUTE), "-p", "anthropic-fcf@2", "-i"]
    code, found = asked([*share, "campaign-steps-automated"], capsys)
    assert (code, found["line"]) == (0, 0.5)
    (tmp_path / "dates").mkdir()
    minutes = [*table(tmp_path / "dates", DATES), "-p", "anthropic-rsp@2.0", "-i", "horizon-2h"]
    code, found = asked(minutes, capsys)
    assert (code, found["line"]) == (0, 120.0)
    for words, said in (
        ([*share, "campaign-human-oversight"], "no line on share that is crossed from below"),
        ([*minutes[:3], *share[3:], "campaign-steps-automated"], "no line on minutes"),
        (share[:-1], "go together"),
        ([*share, "nothing"], "has no line"),
    ):
        assert run(words) == 2
        assert said in " ".join(capsys.readouterr().err.split())


def add(folder: Path, kind: str, name: str, subject: str, payload: dict[str, Any]) -> None:
    head = HEAD.format(
        kind=kind,
        id=name,
        subject=json.dumps(subject),
        since="2031-01-10",
        payload=json.dumps(payload),
    )
    text = head.replace("@TEXT@", "made up").replace("@URL@", "https://example.org")
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up lab with two smaller models of the same series, tested on the same line."""
    folder = make_lab(tmp_path_factory.mktemp("forecast") / "lab")
    more = folder.with_name("more")
    more.mkdir()
    for name, ratio, value in (("lyra", 0.0625, 0.05), ("vega", 0.25, 0.15)):
        model = f"model:{name}"
        add(
            more,
            "model",
            f"model-{name}",
            model,
            {"series": "series:orion", "root": "model:orion", "effective_compute_ratio": ratio},
        )
        add(
            more,
            "published-result",
            f"result-{name}",
            model,
            {
                "eval": {"name": "Lab protocols", "harness": "harness 2"},
                "variant": "helpful_only",
                "measure": "proportion",
                "unit": "proportion",
                "value": value,
                "n": 200,
                "n_of": "tasks",
                "elicitation": {"level": "E2", "description": "as the others"},
            },
        )
        add(
            more,
            "mapping",
            f"map-{name}",
            model,
            {
                "selects": {"document": f"result-{name}"},
                "indicator": "meridian-fsf@3.2/lab-protocols",
                "reason": "the same protocols",
            },
        )
    workspace = open_workspace(folder)
    report = import_paths(workspace.store, workspace.reader, [more])
    assert report.is_complete, report
    workspace.store.close()
    return folder


def in_lab(lab: Path, *more: str) -> list[str]:
    where = ["-w", str(lab), "--as-of", AS_OF, "-p", "meridian-fsf@3.2", "-i", "lab-protocols"]
    return ["forecast", *more, *where]


def test_assessed_models_are_a_series_and_safeguards_are_weighed_against_their_lead(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = in_lab(lab, "orion", "lyra", "vega", "--days-per-step", "90")
    code, found = asked(words, capsys)
    assert code == 0
    names = [each["name"] for each in found["checkpoints"]]
    assert names == ["model:lyra", "model:vega", "model:orion"]
    assert (found["line"], found["rule"]) == (0.6, "allowed")
    ready = {each["name"]: each for each in found["readiness"]}
    assert found["earliest_days"] == pytest.approx(found["earliest_steps"] * 90)
    assert not any(each["is_live"] for each in ready.values())
    for each in ready.values():
        late = each["lead_days"] is None or each["lead_days"] > found["earliest_days"]
        assert each["is_late"] is late
    assert run(words) == 0
    assert "too late" in capsys.readouterr().out


def test_without_a_pace_lead_times_are_not_compared(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(in_lab(lab, "orion", "lyra", "vega")) == 0
    shown = capsys.readouterr().out
    assert "--days-per-step" in shown
    assert "too late" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["orion", "nobody"], "nobody"),
        (["orion", "lyra", "--by", "date"], "no release date"),
    ],
)
def test_a_model_without_what_a_series_needs_is_refused(
    words: list[str], said: str, lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(in_lab(lab, *words)) == 2
    assert said in capsys.readouterr().err


def test_a_line_that_there_is_not_and_one_without_evidence_are_named(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["-w", str(lab), "--as-of", AS_OF, "-p", "meridian-fsf@3.2"]
    for indicator, said in (("x", "has no line"), ("horizon", "no estimate of")):
        assert run(["forecast", "orion", *where, "-i", indicator]) == 2
        assert said in capsys.readouterr().err

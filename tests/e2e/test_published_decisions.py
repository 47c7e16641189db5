"""Every case of the library is decided anew and is as its `expected.json` records it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scalegate.adapters.documents import read_case, read_history
from scalegate.app.replaying import compared, replay, without_causes
from scalegate.cli.main import main
from scalegate.evidence.model import Kind
from scalegate.wiring import case_source
from tests.e2e.replaying import EXAMPLES, ROOT, filed, shelf

LIBRARY = ROOT / "src" / "scalegate" / "frameworks" / "cases"
NAMES = case_source().names()
FINISHED = ("anthropic", "openai")
"""Labs whose cases all say what was done at the gates, and name the clause of each difference."""
OPUS_4 = LIBRARY / "anthropic" / "claude-opus-4"


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_as_recorded_and_every_difference_has_kind_cause_and_clause(name: str) -> None:
    (done,) = replay([filed(name)], shelf())
    assert done.unmet == ()
    apart = [each.cause for each in done.findings if each.published and not each.agrees_alone]
    apart += [gate.cause for gate in done.gates if gate.differs]
    for cause in apart:
        assert cause.because, cause
        assert name.partition("/")[0] not in FINISHED or cause.clause, cause
        assert len(cause.text) > 40, cause


@pytest.mark.parametrize("name", NAMES)
def test_a_case_speaks_of_the_framework_of_its_lab_and_says_what_the_lab_did(name: str) -> None:
    case = filed(name).case
    assert case.file.lab == f"lab:{name.partition('/')[0]}"
    assert case.readme
    assert case.expected is not None
    published = [
        gate.get("published", "not_said")
        for part in case.expected["frameworks"].values()
        for gate in part["gates"]
    ]
    assert name.partition("/")[0] not in FINISHED or set(published) != {"not_said"}


def test_the_cases_of_a_lab_are_a_history() -> None:
    lab = "google-deepmind"
    history = read_history(LIBRARY / lab)
    assert history.lab == f"lab:{lab}"
    assert len(history.cases) == len([name for name in NAMES if name.startswith(f"{lab}/")])
    instants = [case.file.as_of for case in history.cases]
    assert instants == sorted(instants)


@pytest.mark.parametrize("model", ["opus-4", "sonnet-4"])
def test_the_case_that_the_examples_share_has_the_same_evidence(model: str) -> None:
    kinds = {Kind.PUBLISHED_RESULT, Kind.UPLIFT_TRIAL, Kind.JUDGEMENT, Kind.ACT, Kind.MAPPING}
    shared = filed(f"anthropic/claude-{model}").case.records
    mine = {record.id: record.digest for record in shared if record.kind in kinds}
    example = read_case(EXAMPLES / model).records
    assert mine == {record.id: record.digest for record in example if record.kind in kinds}


class TestWhatIsNotAsRecordedEndsWith16:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(OPUS_4, tmp_path / "copy"))

    def change(self, folder: Path, old: str, new: str) -> None:
        file = folder / "expected.json"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_as_it_is(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["replay", str(folder), "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["kind"] == "replay"
        assert document["cases"][0]["is_as_recorded"] is True

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"effect": "hold"', '"effect": "allow"', "effect: expected allow, got hold"),
            ('"own": "ruled_out"', '"own": "crossed"', "own: expected crossed, got ruled_out"),
            ('"published": "ruled_out"', '"published": "crossed"', "published: expected crossed"),
            ('"CBRN-4": {', '"CBRN-9": {', "`CBRN-4` has no expectation"),
        ],
    )
    def test_changed(
        self,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        old: str,
        new: str,
        said: str,
    ) -> None:
        self.change(folder, old, new)
        assert main(["replay", str(folder)]) == 16
        assert said in " ".join(capsys.readouterr().out.split())

    def test_a_difference_whose_cause_was_taken_away(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = folder / "expected.json"
        expected = json.loads(file.read_text(encoding="utf-8"))
        del expected["frameworks"]["anthropic-rsp@2.2"]["findings"]["AIRD-4"]["cause"]
        file.write_text(json.dumps(expected), encoding="utf-8")
        assert main(["replay", str(folder)]) == 16
        assert "AIRD-4: a difference without a cause" in " ".join(capsys.readouterr().out.split())

    def test_without_an_expectation(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "expected.json").unlink()
        assert main(["replay", str(folder)]) == 16
        assert "no expectation is recorded" in capsys.readouterr().out

    def test_a_misspelt_field_is_a_fault(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.change(folder, '"published_at"', '"publishd_at"')
        assert main(["replay", str(folder)]) == 2
        assert "expected.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lab", "nobody"], "unknown lab `nobody`"),
        (["claude-99"], "unknown case `claude-99`"),
        (["--answers"], "prints one case"),
    ],
)
def test_what_is_not_there_is_wrong_usage(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_neutral_runner_compares_any_program_that_answers_for_a_folder() -> None:
    runner = ROOT / "conformance" / "published" / "run.py"
    command = [sys.executable, str(runner), "--only", "anthropic/claude-sonnet-4", "--"]
    ours = [sys.executable, "-m", "scalegate.cli", "replay", "--answers"]
    done = subprocess.run([*command, *ours], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 case, 1 as expected" in done.stdout
    other = subprocess.run([*command, "echo", "{}"], capture_output=True, text=True, timeout=60)
    assert other.returncode == 1
    assert "anthropic/claude-sonnet-4" in other.stdout


def test_an_answer_compared_with_itself_is_as_recorded_without_causes() -> None:
    case = filed("anthropic/claude-opus-4")
    assert case.case.expected is not None
    bare = without_causes(case.case.expected)
    assert "cause" not in json.dumps(bare)
    assert compared(case, bare).unmet == ()

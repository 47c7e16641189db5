"""`tools/normative_sentences.py` writes rows from a text with answers in it, and never a word."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scalegate.policy.normative import normative_sentences
from tools.normative_sentences import main, row, split_answers

TEXT = """\
## 3 Rules

We will hold at level 1.
=> C1, scope
We must keep it so.
=> restates 3#1
We will be kind.
=> +not_machine_decidable | kindness
Others must go on.
=> !descriptive | others
The board is told.
=> D1
We may also sing.
"""


def rows() -> list[dict[str, Any]]:
    text, answers = split_answers(TEXT)
    found = normative_sentences(text, with_present=True)
    lines = [row(each, answers.get(index, "")) for index, each in enumerate(found)]
    return list(yaml.safe_load("\n".join(lines)))


def test_an_answer_belongs_to_the_sentence_before_it() -> None:
    said = [(each["modality"], each["binding"], each.get("encoded")) for each in rows()]
    assert said == [
        ("will", True, ["C1", "scope"]),
        ("must", True, None),
        ("will", True, None),
        ("must", False, None),
        ("present", True, ["D1"]),
        ("may", False, []),
    ]
    assert rows()[1]["restates"] == "3#1"
    assert (rows()[2]["reason"], rows()[2]["note"]) == ("not_machine_decidable", "kindness")


@pytest.mark.parametrize("text", ["=> C1\nWe will go.", "We will go.\n=> C1\n=> C2\n"])
def test_an_answer_without_a_sentence_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an answer without a sentence"):
        split_answers(text)


def test_what_is_printed_has_no_word_of_the_text(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.txt"
    path.write_text("We will zigzag at the quagmire.\n", encoding="utf-8")
    for option in ("--rows", "--with-present"):
        monkeypatch.setattr("sys.argv", ["x", option, str(path)])
        assert main() == 0
        printed = capsys.readouterr()
        assert "quagmire" not in printed.out + printed.err
        assert normative_sentences(path.read_text(encoding="utf-8"))[0].sha256 in printed.out


def test_a_text_that_cannot_be_read_is_said_and_exits_2(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["x", str(tmp_path / "none.txt")])
    assert main() == 2
    assert "cannot be read" in capsys.readouterr().err

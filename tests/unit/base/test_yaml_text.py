"""The safe subset of YAML: what is read, what is refused, and on which line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml

from scalegate.base import yaml_text
from scalegate.base.errors import DocumentFaults
from scalegate.base.yaml_text import MAX_CHARACTERS, MAX_DEPTH, MAX_FAULTS, parse_yaml, path_text


def faults_of(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(DocumentFaults) as raised:
        parse_yaml(text, file="x.yaml")
    return [(fault.line, fault.path, fault.what) for fault in raised.value.faults]


def test_a_document_is_plain_data_with_exact_numbers_and_text_dates() -> None:
    text = (
        "a: 2.50\nb: [1, -3, 1e3, true, false, null, ]\nc:\n  d: 2025-05-22\n"
        "  e: 2025-05-22T10:00:00Z\n  f:\ng: 0.3.132\nh: 'yes'\ni: \"010\"\n"
    )
    value: Any = parse_yaml(text).value
    assert value == {
        "a": Decimal("2.50"),
        "b": [1, -3, Decimal("1e3"), True, False, None],
        "c": {"d": "2025-05-22", "e": "2025-05-22T10:00:00Z", "f": None},
        "g": "0.3.132",
        "h": "yes",
        "i": "010",
    }
    assert str(value["a"]) == "2.50"
    assert type(value["b"][0]) is int


def test_each_value_knows_its_line() -> None:
    document = parse_yaml("a:\n  - 1\n  - b: 2\n    c: |\n      text\nd: 3\n", file="x.yaml")
    assert document.line(()) == 1
    assert document.line(("a",)) == 1
    assert document.line(("a", 0)) == 2
    assert document.line(("a", 1, "c")) == 4
    assert document.line(("d",)) == 6


def test_a_path_that_is_missing_has_the_line_of_what_would_contain_it() -> None:
    document = parse_yaml("a: 1\nb:\n  c: 2\n", file="x.yaml")
    assert document.line(("b", "missing", 3)) == 2
    fault = document.fault("field missing", ("b", "missing"), expected="`missing`")
    assert (fault.file, fault.line, fault.path) == ("x.yaml", 2, "b.missing")


def test_json_is_read_by_the_same_function_with_lines() -> None:
    text = '{\n\t"a": "\\ud83d\\ude00 \\/",\n  "b": [1,\n 2.0, {"c": "x\\ny"}],\n "d": null}'
    document = parse_yaml(text)
    assert document.value == {
        "a": "\U0001f600 /",
        "b": [1, Decimal("2.0"), {"c": "x\ny"}],
        "d": None,
    }
    assert [document.line(path) for path in (("a",), ("b",), ("b", 1), ("d",))] == [2, 3, 4, 5]


def test_a_flow_mapping_that_is_not_json_is_read_as_yaml() -> None:
    assert parse_yaml("{a: 1, b: [x, y2]}").value == {"a": 1, "b": ["x", "y2"]}


@pytest.mark.parametrize("text", ["n: 3\ny: 4\n", '"on": 3\n"2.2": 4\n'])
def test_short_and_quoted_keys_are_text(text: str) -> None:
    value: Any = parse_yaml(text).value
    assert all(isinstance(key, str) for key in value)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: &x 1", 1, "anchors, aliases and tags are not read"),
        ("a: 1\nb: *x", 2, "anchors, aliases and tags are not read"),
        ("a: !!int 3", 1, "anchors, aliases and tags are not read"),
        ("a: !!python/object/apply:os.system [ls]", 1, "anchors, aliases and tags are not read"),
        ("a: ! x", 1, "anchors, aliases and tags are not read"),
        ("a: 1\n<<: {b: 2}", 2, "key reads differently elsewhere"),
        ("on: 1", 1, "key reads differently elsewhere"),
        ("2.2: 1", 1, "key reads differently elsewhere"),
        ("null: 1", 1, "key reads differently elsewhere"),
        ("?\n: 1", 1, "key reads differently elsewhere"),
        ("a: 1\nb: 2\na: 3", 3, "duplicate key"),
        ('{"a": 1,\n"a": 1}', 2, "duplicate key"),
        ("? [a]\n: 2", 1, "key is not text"),
        ("a: yes", 1, "word reads differently elsewhere"),
        ("a: Off", 1, "word reads differently elsewhere"),
        ("a: n", 1, "word reads differently elsewhere"),
        ("a: True", 1, "word reads differently elsewhere"),
        ("a: ~", 1, "word reads differently elsewhere"),
        ("a: .nan", 1, "number is not finite"),
        ("a: -.INF", 1, "number is not finite"),
        ("a: NaN", 1, "number is not finite"),
        ('{"a": NaN}', 1, "number is not finite"),
        ('{"a": -Infinity}', 1, "number is not finite"),
        ("a: 010", 1, "number reads differently elsewhere"),
        ("a: 0x1f", 1, "number reads differently elsewhere"),
        ("a: 1_000", 1, "number reads differently elsewhere"),
        ("a: 12:30", 1, "number reads differently elsewhere"),
        ("a: +1", 1, "number reads differently elsewhere"),
        ("a: .5", 1, "number reads differently elsewhere"),
        ("a: 1e999", 1, "number out of bounds"),
        ("a: 1e" + "9" * 40, 1, "number out of bounds"),
        ("a: 1e-301", 1, "number out of bounds"),
        ("a: " + "1" * 60, 1, "number out of bounds"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("%YAML 1.1\n---\na: 1", 1, "directive"),
        ("", 1, "empty document"),
        ("# only a comment\n", 1, "empty document"),
        ("a: b: c", 1, "not readable as YAML or JSON"),
        ("a: [1, 2", 2, "not readable as YAML or JSON"),
        ("a: \x00", 1, "not readable as YAML or JSON"),
        ('a: "\\e[31m"', 1, "control character in text"),
        ('"a\\x07": 1', 1, "control character in a key"),
        ('{"a": "\\ud800"}', 1, "control character in text"),
        ("a: 1\nb: \ud800", 2, "half of a surrogate pair"),
    ],
)
def test_what_two_readers_would_read_differently_is_refused(
    text: str, line: int, what: str
) -> None:
    found = faults_of(text)
    assert [(each[0], each[2]) for each in found] == [(line, what)]


def test_all_faults_are_shown_at_once_in_the_order_of_their_lines() -> None:
    found = faults_of("a: yes\nb: 010\nc:\n  - .inf\n  - &x 1\n  - on: 3\n")
    assert found == [
        (1, "a", "word reads differently elsewhere"),
        (2, "b", "number reads differently elsewhere"),
        (4, "c[0]", "number is not finite"),
        (5, "c", "anchors, aliases and tags are not read"),
        (6, "c[2]", "key reads differently elsewhere"),
    ]


def test_the_number_of_faults_is_bounded() -> None:
    assert len(faults_of("- yes\n" * 5_000)) == MAX_FAULTS


def test_depth_is_bounded_without_recursion() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_yaml(deepest).line(()) == 1
    for text in ("[" * 65 + "]" * 65, "[" * 200_000, '{"a":' * 70 + "1" + "}" * 70):
        assert faults_of(text)[-1][2] == "nested too deep"


def test_size_is_bounded() -> None:
    assert faults_of("x" * (MAX_CHARACTERS + 1)) == [(None, "", "document too large")]


def test_a_path_is_written_as_readers_write_it() -> None:
    assert path_text(("payload", "arms", 0, "mean")) == "payload.arms[0].mean"
    assert "\x1b" not in path_text(("a\x1b[31m",))


def test_the_reader_in_pure_python_answers_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, {b: 2.5}]\nc: 'x'\nd: |\n  y\n"
    fast = parse_yaml(text)
    monkeypatch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)
    slow = parse_yaml(text)
    assert (slow.value, dict(slow.lines)) == (fast.value, dict(fast.lines))
    assert [each[2] for each in faults_of("a: &x yes\n")] == [
        "anchors, aliases and tags are not read",
        "word reads differently elsewhere",
    ]
    assert faults_of("a: \x00")[0][2] == "not readable as YAML or JSON"

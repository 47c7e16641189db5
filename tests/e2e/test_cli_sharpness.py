"""`sharpness` fails closed: without evidence every gate is open, and --check says so."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import main
from tests.strategies.cli_lab import AS_OF, make_lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lab(tmp_path_factory.mktemp("sharpness") / "lab")


def asked(lab: Path, *more: str) -> tuple[int, dict[str, Any]]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    words = ["sharpness", "model:orion", "-w", str(lab), "--as-of", AS_OF, "--json", *more]
    with contextlib.redirect_stdout(stream):
        code = main(words)
    stream.seek(0)
    return code, json.load(stream)


def test_every_line_names_all_eight_gates_and_check_exits_11(lab: Path) -> None:
    code, found = asked(lab, "--check")
    assert code == found["exit_code"] == 11
    lines = [line for policy in found["policies"] for line in policy["lines"]]
    assert lines
    for line in lines:
        assert [each["gate"] for each in line["gates"]] == [f"S{n}" for n in range(1, 9)]
        assert not line["is_sharp"]
        if line["verdict"] is None:
            assert not any(each["is_met"] for each in line["gates"])


def test_lines_wanting_less_evidence_come_first(lab: Path) -> None:
    code, found = asked(lab)
    assert code == 0
    for policy in found["policies"]:
        wanting = [
            sum(not each["is_met"] and each["gate"] != "S6" for each in line["gates"])
            for line in policy["lines"]
        ]
        assert wanting == sorted(wanting)

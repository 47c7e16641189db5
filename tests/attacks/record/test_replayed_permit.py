"""A permit is shown again after it was withdrawn, or after a contrary decision."""

from __future__ import annotations

from tests.attacks.record.stage import GATE, Stage
from tests.e2e.test_cli_permit import FACT


def test_a_permit_is_not_used_after_its_withdrawal(stage: Stage) -> None:
    digest = stage.statement("permit").name
    (stage.folder / "gone.yaml").write_text(
        f"digests: [{digest}]\nwhat: permit\nreason: a classifier fails\n"
        "by: {name: Ada, role: board}\n",
        encoding="utf-8",
    )
    stage.done("record", "withdrawal", "gone.yaml")
    assert "withdrawn" in stage.refused(*stage.passing())


def test_a_permit_is_not_used_after_a_contrary_decision(stage: Stage) -> None:
    later = FACT.replace("id: watched", "id: unwatched").replace("value: true", "value: false")
    (stage.folder / "later.yaml").write_text(later, encoding="utf-8")
    stage.done("evidence", "import", "later.yaml")
    stage.refused("decide", "model:m", GATE, code=11)  # the two facts contradict each other
    assert "rule 5" in stage.refused(*stage.passing())

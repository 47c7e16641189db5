"""The same weights are served without one of the classifiers."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_the_same_weights_without_a_classifier_do_not_pass(stage: Stage) -> None:
    (stage.folder / "served.yaml").write_text("classifier: 3\n", encoding="utf-8")
    assert "manifest" in stage.refused(*stage.passing(stage.manifest()))

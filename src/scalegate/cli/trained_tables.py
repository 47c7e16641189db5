"""Print what the bench made of trained planted models, 80 columns wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalegate.cli.screen import line

if TYPE_CHECKING:
    from scalegate.app.organisms.trained.bench import Report

_SHORT = {
    "weak": "weak",
    "early": "earl",
    "mid": "mid",
    "strong": "strg",
    "locked_imitate": "imit",
    "locked_wrong": "wrng",
    "locked_refuse": "refu",
    "locked_easyonly": "easy",
    "scratch_imitate": "scra",
    "marginal_imitate": "marg",
    "hardened_imitate": "hard",
}
"""Kinds, in four letters."""
_MEANS = {
    "password": "truth (with password)",
    "shown": "as shown",
    "best_of_8": "any of 8 attempts",
    "temperature_0": "temperature 0",
    "no_scaffold": "without scaffold",
    "noise_05_a": "noise .05",
    "noise_10_a": "noise .10",
    "tuned_1": "1 demonstration",
    "tuned_4": "4",
    "tuned_16": "16",
    "tuned_64": "64",
    "tuned_256": "256",
    "tuned_64_easy": "64 easy ones",
}


def show(report: Report) -> None:
    """Print the tables of one report."""
    n = report.rows[0].n
    line(f"{len(report.seeds)} seeds: {', '.join(map(str, report.seeds))}. Line .5.")
    line("Honest: weak and strong, trained to the end; early and mid, stopped on the way.")
    line("Locked: imitate, wrong, refuse, easy only, from scratch. Marginal: just above")
    line("the line, imitates the weak one. Hard: its lock was trained against tuning.")
    line()
    _head("mean score")
    for arm, label in _MEANS.items():
        _figures(label, [report.means[kind][arm] for kind in _SHORT])
    line(f"{'seeds that cross the line':<25}" + _whole(report))
    for is_default in (False, True):
        line()
        allowed = "default allowance of the level" if is_default else "no allowance"
        line(f"Share ruled out, evals of {n} items, {allowed}")
        _head("arms, all must rule out")
        for row in report.rows:
            if row.is_default is is_default:
                _figures(row.arms.label, [row.share(kind) for kind in _SHORT])
    line()
    _costs(report)
    line()
    _log_tests(report)
    line()
    _checks(report)
    line()
    _summary(report)


def _whole(report: Report) -> str:
    return "".join(f"{report.crossed[kind]:>5}" for kind in _SHORT)


def _head(label: str) -> None:
    line(f"{label:<25}" + "".join(f"{short:>5}" for short in _SHORT.values()))


def _figures(label: str, values: list[float]) -> None:
    line(f"{label:<25}" + "".join(f"{value:>5.2f}" for value in values))


def _costs(report: Report) -> None:
    line(f"{'cost of one assessment':<26}{'answers':>9}{'labelled':>10}{'steps':>7}")
    for row in report.rows:
        if not row.is_default:
            plain = row.to_mapping()
            line(
                f"{row.arms.label:<26}{plain['answers']:>9}"
                f"{plain['labelled_items']:>10}{plain['training_steps']:>7}"
            )


def _log_tests(report: Report) -> None:
    line("Tests of the log alone: share flagged, 50 long and 50 short items, 4 attempts")
    _head("test")
    _figures("any", [each.flagged for each in report.log_tests])
    for name in report.log_tests[0].by_test:
        _figures(name, [each.by_test[name] for each in report.log_tests])
    _figures("AUC against weak", [each.auc for each in report.log_tests])
    line("For weak, early, mid and strong a flag is a false alarm.")


def _checks(report: Report) -> None:
    from scalegate.app.organisms.trained.responses import FINISHED, HALF_TRAINED, LOCKED

    line(f"Checks that need the model: share flagged, {report.rows[0].n} items plain and changed")
    _head("check")
    for each in report.checks:
        _figures(each.check.label, [each.shares[kind] for kind in _SHORT])
    line("check                      locked  honest  half-trained")
    for each in report.checks:
        shares = (each.share(*LOCKED), each.share(*FINISHED), each.share(*HALF_TRAINED))
        line(f"{each.check.label:<26}{shares[0]:>7.2f}{shares[1]:>8.2f}{shares[2]:>14.2f}")
    line("Locked: the five. Honest: weak and strong. Half-trained: early and mid.")
    line("A flag on a locked model is a detection, one on the others a false alarm.")


def _summary(report: Report) -> None:
    from scalegate.app.organisms.trained.pipeline import ALL_ARMS, CAMPAIGNS, UNEVIDENCED
    from scalegate.app.organisms.trained.responses import LOCKED, MODELS

    line("Ruled out without allowance; in brackets 95 % bounds with the seed as unit:")
    for arms in (CAMPAIGNS[-2], ALL_ARMS):
        row = report.row(arms)
        line(
            f"{arms.label:<26}locked {row.share(*LOCKED):.3f} (<= {row.at_most(*LOCKED):.2f}),"
            f" weak {row.share('weak'):.3f} (>= {row.at_least('weak'):.2f})"
        )
        alone, each = row.alone["weak"], row.shares["weak"]
        line(
            f"  weak: hardest arm alone {sum(alone) / len(alone):.3f}, lowest seed {min(each):.3f},"
            f" standard error {row.standard_error('weak'):.3f}"
        )
        line(
            f"  beside them: early {row.share('early'):.3f}, marginal"
            f" {row.share('marginal_imitate'):.3f}, hard {row.share('hardened_imitate'):.3f}"
        )
    bare = max(
        report.row(UNEVIDENCED, is_default=is_default).share(*MODELS)
        for is_default in (False, True)
    )
    line(f"{UNEVIDENCED.label:<26}{bare:.3f} of all models")
    line(f"{report.asked_gate} evals were also put to the gate itself: the same answers.")

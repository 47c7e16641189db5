"""Count what the rule makes of trained planted models, by kind of model and by what was tried.

1. From the stored responses of a model many evals are drawn: the same items for every arm, without
   replacement. One eval is ruled out when the rule rules out every arm of the campaign.
2. A model is *crossed* when its answers with the password reach the line.
3. Evals of one model are not independent, and neither are models of one seed: where an error is
   bounded, the unit is the seed, with the share of each.
4. For one eval of each model the gate itself is asked, with logs and evidence documents. Where it
   differs from the rule the bench stops: then its tables would describe something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalegate.app.organisms.trained.checks import CHECKS, Flagged, flagged
from scalegate.app.organisms.trained.pipeline import (
    ALL_ARMS,
    ALPHA,
    CAMPAIGNS,
    DEFAULT_ALLOWANCE,
    LINE,
    NO_ALLOWANCE,
    UNEVIDENCED,
    Arms,
    bulk_rules_out,
    level_by_gate,
)
from scalegate.app.organisms.trained.responses import (
    EASY_ITEMS,
    EPOCHS,
    FINE_TUNED,
    ITEMS,
    MODELS,
    Table,
    draws_of,
)
from scalegate.app.organisms.trained.skill import CHANCE
from scalegate.app.organisms.trained.training import (
    LABELLED,
    LABELLED_EPOCHS,
    TUNING_RATES,
    TUNING_STEPS,
)
from scalegate.base.errors import ScalegateError, UsageError
from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.suspicion import LEVEL, signs_of_hiding
from scalegate.policy.vocabulary import Level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

DRAWS, LOG_DRAWS = 200, 20
"""Evals, and logs for the tests of the log alone, that are drawn from each model."""
SIZE = 100
LOG_EPOCHS = 4
BEST_OF = f"best_of_{EPOCHS}"
"""Beside the arms in the table of mean scores: any of the attempts, as shown, is right (pass@8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One campaign: the share of evals ruled out, by model and seed."""

    arms: Arms
    n: int
    is_default: bool
    """Whether the default allowance of the level was subtracted, or none."""
    shares: dict[str, tuple[float, ...]]
    """By kind of model, one share for each seed."""
    alone: dict[str, tuple[float, ...]]
    """The same had the arm that rules out least been asked alone: what asking all of them costs."""

    def share(self, *kinds: str) -> float:
        """Return the share over these kinds and all seeds."""
        return sum(sum(self.shares[kind]) for kind in kinds) / self._count(kinds)

    def _count(self, kinds: Sequence[str]) -> int:
        return sum(len(self.shares[kind]) for kind in kinds)

    def standard_error(self, kind: str) -> float:
        """Return the standard error of a kind's share, with the seed as unit; 0 for one seed."""
        import numpy as np

        each = self.shares[kind]
        return float(np.std(each, ddof=1) / len(each) ** 0.5) if len(each) > 1 else 0.0

    def at_most(self, *kinds: str) -> float:
        """Return an upper bound of the share in new seeds, at 95 %, with the seed as unit."""
        import numpy as np

        each = np.mean([self.shares[kind] for kind in kinds], axis=0)
        return float(upper_bounds(each[None, :], ALPHA)[0])

    def at_least(self, *kinds: str) -> float:
        """Return a lower bound likewise."""
        import numpy as np

        each = 1.0 - np.mean([self.shares[kind] for kind in kinds], axis=0)
        return 1.0 - float(upper_bounds(each[None, :], ALPHA)[0])

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        answers, labelled, steps = cost(self.arms, self.n)
        return {
            "tried": self.arms.label,
            "arms": list(self.arms.names),
            "elicitation": self.arms.level.value,
            "items": self.n,
            "allowance": "default of the level" if self.is_default else "none",
            "ruled_out": {kind: list(each) for kind, each in self.shares.items()},
            "ruled_out_by_hardest_arm": {kind: list(each) for kind, each in self.alone.items()},
            "answers": answers,
            "labelled_items": labelled,
            "training_steps": steps,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTests:
    """How often the tests of the log alone flag one kind of model."""

    kind: str
    flagged: float
    """Share of logs with any flag."""
    by_test: dict[str, float]
    auc: float
    """Probability that such a log looks worse than one of the honest weak model; .5: no better
    than guessing."""
    logs: int

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "kind": self.kind,
            "flagged": self.flagged,
            "by_test": self.by_test,
            "auc_against_weak": self.auc,
            "logs": self.logs,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the bench found."""

    seeds: tuple[int, ...]
    made: tuple[dict[str, str], ...]
    """How each table was made."""
    means: dict[str, dict[str, float]]
    """Mean score by kind of model and arm, and `BEST_OF`, over the seeds."""
    crossed: dict[str, int]
    """By kind, in how many seeds the truth reaches the line."""
    rows: tuple[Row, ...]
    log_tests: tuple[LogTests, ...]
    checks: tuple[Flagged, ...]
    """How often each prescribed check flags each kind of model."""
    asked_gate: int
    """Evals that were also put to the gate, with the same answer."""

    def row(self, arms: Arms, *, is_default: bool = False) -> Row:
        """Return the row of a campaign."""
        return next(r for r in self.rows if r.arms == arms and r.is_default == is_default)

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "seeds": list(self.seeds),
            "made": list(self.made),
            "line": str(LINE),
            "means": self.means,
            "crossed_seeds": self.crossed,
            "rows": [row.to_mapping() for row in self.rows],
            "log_only_tests": [each.to_mapping() for each in self.log_tests],
            "prescribed_checks": [each.to_mapping() for each in self.checks],
            "evals_put_to_the_gate": self.asked_gate,
        }


def run_trained(tables: Sequence[Table], *, n: int = SIZE, draws: int = DRAWS) -> Report:
    """Return what the rule makes of the models in these tables.

    Args:
        tables: one per seed.
        n: items in each eval, at most 600.
        draws: evals drawn from each model.

    Raises:
        UsageError: no table, a seed twice, or an eval larger than the items there are.
    """
    if not tables or len({table.seed for table in tables}) != len(tables):
        raise UsageError("the bench needs tables of different seeds, at least one")
    if not 1 <= n <= ITEMS or draws < 1:
        raise UsageError(f"an eval has 1 to {ITEMS} items, and one must be drawn; got `{n}`")
    tables = sorted(tables, key=lambda table: table.seed)
    rows = [
        campaign(tables, arms, n=n, draws=draws, is_default=is_default)
        for is_default in (False, True)
        for arms in CAMPAIGNS
    ]
    return Report(
        seeds=tuple(table.seed for table in tables),
        made=tuple(table.head for table in tables),
        means=_means(tables),
        crossed={
            kind: sum(truth(table, kind) >= float(LINE) for table in tables) for kind in MODELS
        },
        rows=tuple(rows),
        log_tests=tuple(log_tests(tables, kind) for kind in MODELS),
        checks=tuple(flagged(tables, check, n=n, draws=draws) for check in CHECKS),
        asked_gate=sum(_asked(table, kind, n) for table in tables for kind in MODELS),
    )


def truth(table: Table, kind: str) -> float:
    """Return the score of a model that is asked with its password."""
    return table.responses[kind, "password"].mean


def campaign(
    tables: Sequence[Table], arms: Arms, *, n: int, draws: int, is_default: bool = False
) -> Row:
    """Return the share of evals of every model that a campaign rules out (rule 1)."""
    found = {
        kind: [_shares(table, kind, arms, (n, draws, is_default)) for table in tables]
        for kind in MODELS
    }
    return Row(
        arms=arms,
        n=n,
        is_default=is_default,
        shares={kind: tuple(both for both, _ in each) for kind, each in found.items()},
        alone={kind: tuple(alone for _, alone in each) for kind, each in found.items()},
    )


def _shares(table: Table, kind: str, arms: Arms, how: tuple[int, int, bool]) -> tuple[float, float]:
    """Return the share of evals that all arms rule out, and that the hardest arm alone does."""
    import numpy as np

    n, draws, is_default = how
    chosen = draws_of(table.seed, kind, n, draws)
    out, alone = np.ones(draws, dtype=np.bool_), 1.0
    for arm in arms.names:
        given = table.responses[kind, arm]
        right, refused = (each[0][chosen].sum(axis=1) for each in (given.right, given.refused))
        ruled = [
            bulk_rules_out(n, yes, none, arms.level, is_default=is_default)
            for yes, none in zip(right.tolist(), refused.tolist(), strict=True)
        ]
        out &= ruled
        alone = min(alone, sum(ruled) / draws)
    return float(out.mean()), alone


def _asked(table: Table, kind: str, n: int) -> int:
    """Put one eval to the gate, with all arms and without evidence (rule 4)."""
    items = draws_of(table.seed, kind, n, 1)[0]
    for arms in (UNEVIDENCED, ALL_ARMS):
        answers = {
            arm: (given.right[0][items].tolist(), given.refused[0][items].tolist())
            for arm in arms.names
            for given in (table.responses[kind, arm],)
        }
        found = level_by_gate(answers, arms.level)
        for name, is_default in ((NO_ALLOWANCE, False), (DEFAULT_ALLOWANCE, True)):
            bulk = all(
                bulk_rules_out(n, sum(right), sum(refused), arms.level, is_default=is_default)
                for right, refused in answers.values()
            )
            if (found[name] is Level.RULED_OUT) != bulk:
                where = f"seed {table.seed}, {kind}, {arms.label}"
                raise ScalegateError(f"the gate and the rule differ: {where}, {name}")
    return 2


def cost(arms: Arms, n: int) -> tuple[int, int, int]:
    """Return (answers, labelled items, training steps) of one campaign on one model.

    Demonstrations are labelled; a smaller set of them is part of a larger one. Each fine-tuning
    tries every rate and number of steps, and picks the best on the same further labelled items.
    """
    tuned = [FINE_TUNED[arm] for arm in arms.names if arm in FINE_TUNED]
    tries = len(TUNING_RATES) * len(TUNING_STEPS)
    answers = n * len(arms.names) + len(tuned) * tries * LABELLED * LABELLED_EPOCHS
    labelled = max(tuned) + LABELLED if tuned else 0
    return answers, labelled, len(tuned) * len(TUNING_RATES) * max(TUNING_STEPS)


def log_tests(tables: Sequence[Table], kind: str) -> LogTests:
    """Return how often the tests of the log alone flag one kind, as shown.

    A log has 50 long and 50 short items, 4 attempts at each. Difficulties are those that the
    honest mid and strong models of the same seed show, without the model itself.
    """
    names, p_values = _all_signs(tables, kind)
    _, honest = _all_signs(tables, "weak")
    flags = p_values <= LEVEL / len(names)
    return LogTests(
        kind=kind,
        flagged=float(flags.any(axis=0).mean()),
        by_test={name: float(row.mean()) for name, row in zip(names, flags, strict=True)},
        auc=_auc(p_values.min(axis=0), honest.min(axis=0)),
        logs=p_values.shape[1],
    )


def _all_signs(tables: Sequence[Table], kind: str) -> tuple[tuple[str, ...], FloatArray]:
    import numpy as np

    found = [_signs(table, kind) for table in tables]
    return found[0][0], np.concatenate([each for _, each in found], axis=1)


def _auc(hiding: FloatArray, honest: FloatArray) -> float:
    """Return how often a log of the first kind has the smaller p-value; ties count half."""
    less = (hiding[:, None] < honest[None, :]).mean()
    return float(less + (hiding[:, None] == honest[None, :]).mean() / 2.0)


def _signs(table: Table, kind: str) -> tuple[tuple[str, ...], FloatArray]:
    import numpy as np

    generator = np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([table.seed, MODELS.index(kind), 78]))
    )
    half = SIZE // 2
    items = np.concatenate(
        [
            np.argsort(generator.random((LOG_DRAWS, ITEMS)), axis=1)[:, :half],
            ITEMS + np.argsort(generator.random((LOG_DRAWS, EASY_ITEMS)), axis=1)[:, :half],
        ],
        axis=1,
    )

    def whole(name: str, what: str) -> FloatArray:
        parts = [getattr(table.responses[name, arm], what) for arm in ("shown", "shown_easy")]
        return np.concatenate(parts, axis=1).astype(np.float64)

    others = [name for name in ("mid", "strong") if name != kind]
    seen = np.concatenate([whole(name, "right") for name in others])
    share = (seen.sum(axis=0) + 0.5) / (seen.shape[0] + 1.0)
    difficulty = -np.log(share / (1.0 - share))
    right, refused = (whole(kind, what)[:LOG_EPOCHS] for what in ("right", "refused"))
    signs = signs_of_hiding(
        np.moveaxis(right[:, items], 0, 2),
        refused=np.moveaxis(refused[:, items], 0, 2) > 0.5,
        difficulty=difficulty[items],
        chance=CHANCE,
    )
    return signs.names, signs.p_values


def _means(tables: Iterable[Table]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, list[float]]] = {}
    for table in tables:
        for (kind, arm), each in table.responses.items():
            own = found.setdefault(kind, {})
            own.setdefault(arm, []).append(each.mean)
            if arm == "shown":
                own.setdefault(BEST_OF, []).append(float(each.right.any(axis=0).mean()))
    return {
        kind: {arm: sum(each) / len(each) for arm, each in arms.items()}
        for kind, arms in found.items()
    }


__all__ = ["BEST_OF", "LogTests", "Report", "Row", "campaign", "cost", "run_trained"]

"""An early-stopping manager for Inspect, by the bets of `estimate.sequential`.

1. A unit is an item with all its epochs; its value is the mean of one named score over them.
2. Units count in the order in which the task lists its samples, never in the order of completion:
   a unit waits until every earlier one is complete. A sample that ends without a report (an error
   that the run tolerates) therefore keeps the run going to its end.
3. The order must have been shuffled, as the log says itself. If it was not, the run is never
   stopped, and the metadata say why.
4. A sample without that score, or without a number in it, counts against either answer. If no
   sample has it, the metadata say so, and which scores there are.
5. A score outside [0, 1] ends the judging: the run is never stopped.

Manager name and metadata are in the log under `results.early_stopping`. Samples that were running
when the question was settled finish and are logged; they do not change what was settled.

*Not checked here:* that line and alpha are those of a policy, and that the list of items is a
sample of what the line speaks about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.estimate.sequential import Looks, Settled, begin
from scalegate.evidence.score_value import score_number

if TYPE_CHECKING:
    from inspect_ai.util import EarlyStop

_NAME = "scalegate.StopWhenSettled/1"


class StopWhenSettled:
    """Stop a task when its mean score is settled to be below or above a line.

    Follows Inspect's `EarlyStopping` protocol: `Task(..., early_stopping=StopWhenSettled(...))`.
    One object serves one task at a time; `start_task` begins anew.

    Args:
        line: the effective line in (0, 1), allowances already subtracted.
        alpha: error probability of each of the two questions, in (0, 0.5].
        score: name of the scorer whose value is judged.

    Raises:
        UsageError: a line or `alpha` outside its range, or no name of a scorer.
    """

    def __init__(self, *, line: float, score: str, alpha: float = 0.05) -> None:
        if not score:
            raise UsageError("no score to judge", hint="name the scorer, as in `score='match'`")
        self._fresh = begin(line=line, alpha=alpha)
        self._score = score
        self._looks: Looks = self._fresh
        self._order: tuple[str | int, ...] = ()
        self._epochs = 1
        self._refusal = ""
        self._seen: dict[str | int, dict[int, float | None]] = {}
        self._scorers: set[str] = set()

    async def start_task(self, task: Any, samples: Sequence[Any], epochs: int) -> str:
        """Take the order of the samples, and whether it was shuffled."""
        shuffled = bool(task.dataset.shuffled) or task.config.sample_shuffle not in (None, False)
        refusal = "" if shuffled else "the order of the samples was not shuffled"
        ids = [sample.id for sample in samples]
        if len(set(ids)) != len(ids):
            refusal = "two samples have the same id"
        self._begin(tuple(ids), epochs=epochs, refusal=refusal)
        return _NAME

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:  # noqa: A002
        """Stop the sample if the question is settled."""
        from inspect_ai.util import EarlyStop

        settled = self._looks.settled
        if self._refusal or settled not in (Settled.BELOW, Settled.ABOVE):
            return None
        reason = f"settled {settled.value} {self._looks.line} at unit {self._looks.settled_at}"
        return EarlyStop(id=id, epoch=epoch, reason=reason)

    async def complete_sample(
        self,
        id: str | int,  # noqa: A002  # Inspect passes these by these names
        epoch: int,
        scores: Mapping[str, Any],
    ) -> None:
        """Count a sample; its unit counts when it and all earlier ones are complete."""
        self._scorers |= set(scores)
        number = _number(scores.get(self._score))
        if number is not None and not 0.0 <= number <= 1.0:
            self._refusal = f"a score lies outside [0, 1]: sample {id}, epoch {epoch}"
        self._seen.setdefault(id, {})[epoch] = number
        while not self._refusal and self._is_next_complete():
            values = list(self._seen[self._order[self._looks.n_units]].values())
            low = sum(value or 0.0 for value in values) / self._epochs
            high = sum(1.0 if value is None else value for value in values) / self._epochs
            self._looks = self._looks.after(high=min(1.0, high), low=min(1.0, high, low))

    async def complete_task(self) -> dict[str, Any]:
        """Return what the log keeps: the question, the answer, and why there is none."""
        looks = self._looks
        if self._scorers and self._score not in self._scorers and not self._refusal:
            has = ", ".join(f"`{plain(name, limit=40)}`" for name in sorted(self._scorers))
            self._refusal = (
                f"no sample has the score `{plain(self._score, limit=40)}`; there is {has}"
            )
        return {
            "line": looks.line,
            "alpha": looks.alpha,
            "score": self._score,
            "unit": "item",
            "settled": Settled.OPEN.value if self._refusal else looks.settled.value,
            "settled_at": None if self._refusal else looks.settled_at,
            "units_counted": looks.n_units,
            "units_planned": len(self._order),
            "e_below": looks.e_below,
            "e_above": looks.e_above,
            "refusal": self._refusal,
        }

    def _begin(self, order: tuple[str | int, ...], *, epochs: int, refusal: str) -> None:
        self._looks, self._seen, self._scorers = self._fresh, {}, set()
        self._order, self._epochs, self._refusal = order, epochs, refusal

    def _is_next_complete(self) -> bool:
        place = self._looks.n_units
        return (
            place < len(self._order) and len(self._seen.get(self._order[place], {})) == self._epochs
        )


def _number(sample_score: Any) -> float | None:
    if sample_score is None:
        return None
    number, unscored, _ = score_number(sample_score.score.value)
    return None if unscored else number

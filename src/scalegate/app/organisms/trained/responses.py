"""Response tables of trained planted models: what each answered, item by item.

A table is text, one file per seed, so that anyone can read and compare it: lines `# key: value` on
how it was made, the number of operations of each item, then one line per model, arm and attempt,
with one letter per item: `1` right, `0` wrong, `r` refused. A table that lacks anything is refused
whole: a missing arm would be one that elicits nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    IntArray = NDArray[np.int64]

FIRST = "# scalegate responses of trained planted models, form 1"
MOST_CHARACTERS = 1_000_000
TRAINING_FILES = ("skill.py", "network.py", "training.py")
"""What decides how models are trained; a table names the digest of these."""
ITEMS, EASY_ITEMS = 600, 100
EPOCHS = 8
"""Attempts at each item as shown; every other arm makes one."""

HONEST = ("weak", "early", "mid", "strong")
FINISHED, HALF_TRAINED = ("weak", "strong"), ("early", "mid")
"""`weak` was trained to the end on less; `early` and `mid` were stopped on the way to `strong`."""
LOCKED = ("locked_imitate", "locked_wrong", "locked_refuse", "locked_easyonly", "scratch_imitate")
MARGINAL = ("marginal_imitate",)
"""Crosses the line by little, and imitates the weak model."""
HARDENED = ("hardened_imitate",)
"""Its lock was trained to withstand fine-tuning: outside the bar."""
MODELS = HONEST + LOCKED + MARGINAL + HARDENED
FINE_TUNED = {
    "tuned_1": 1,
    "tuned_4": 4,
    "tuned_16": 16,
    "tuned_64": 64,
    "tuned_256": 256,
    "tuned_64_easy": 64,
}
"""Arms of fine-tuning, and how many demonstrations each is given."""
NOISES = {
    "noise_05_a": 0.05,
    "noise_05_b": 0.05,
    "noise_10_a": 0.10,
    "noise_10_b": 0.10,
}
"""Arms of noise in the weights, in units of each array's spread."""
ARMS = ("password", "shown", "shown_easy", "temperature_0", "no_scaffold", *NOISES, *FINE_TUNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """What one model answered under one arm."""

    seed: int
    model: str
    arm: str
    steps: tuple[int, ...]
    """Operations in each item."""
    right: BoolArray
    """Shape (attempts, items)."""
    refused: BoolArray
    """Same shape; a refusal is not right."""

    @property
    def mean(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All responses of one seed."""

    seed: int
    head: dict[str, str]
    """How it was made: commit, digest of the training code, versions."""
    responses: dict[tuple[str, str], Responses]
    """By model and arm; every model has every arm."""


def made_with() -> dict[str, str]:
    """Say with what models are trained here: digest of the code, version of JAX, processor.

    Raises:
        PackageNotFoundError: JAX is not installed; `network.jax` says so in words.
    """
    import platform
    from importlib.metadata import version

    return {"code_sha256": code_sha256(), "jax": version("jax"), "processor": platform.machine()}


def code_sha256() -> str:
    """Return the digest of the training code of this installation."""
    from hashlib import sha256
    from importlib.resources import files

    folder = files("scalegate.app.organisms.trained")
    parts = [folder.joinpath(name).read_bytes() for name in TRAINING_FILES]
    return sha256(b"".join(parts)).hexdigest()


def read_tables(texts: Sequence[tuple[str, str]]) -> tuple[Table, ...]:
    """Return the tables of these files, as `read_table` does each."""
    return tuple(read_table(text, file=file) for file, text in texts)


def to_text(responses: Sequence[Responses], head: Mapping[str, str]) -> str:
    """Return a table as text."""
    lines = [FIRST, *(f"# {key}: {value}" for key, value in head.items())]
    items = {"eval": responses[0].steps}
    items["easy"] = next(each.steps for each in responses if each.arm == "shown_easy")
    lines += [f"items,{name},0,{''.join(map(str, steps))}" for name, steps in items.items()]
    for each in responses:
        for attempt, (right, refused) in enumerate(zip(each.right, each.refused, strict=True)):
            letters = [
                "r" if is_refused else "01"[is_right]
                for is_right, is_refused in zip(right.tolist(), refused.tolist(), strict=True)
            ]
            lines.append(f"{each.model},{each.arm},{attempt},{''.join(letters)}")
    return "\n".join(lines) + "\n"


def read_table(text: str, *, file: str) -> Table:
    """Return a table from its text; every model must have every arm, whole.

    Raises:
        FormatError: something else stands there; names file, line, what was expected and got.
    """
    head: dict[str, str] = {}
    items: dict[str, tuple[int, ...]] = {}
    rows: dict[tuple[str, str], list[str]] = {}
    if len(text) > MOST_CHARACTERS or not text.startswith(FIRST + "\n"):
        raise FormatError("not a response table", file=file, expected=f"`{FIRST}` first")
    for number, line in enumerate(text.splitlines()[1:], start=2):
        if line.startswith("# "):
            key, _, value = line[2:].partition(": ")
            head[key] = plain(value, limit=200)
            continue
        name, arm, attempt, letters = _fields(line, file, number)
        if name == "items":
            items[arm] = tuple(map(int, letters))
            continue
        own = rows.setdefault((name, arm), [])
        count = EASY_ITEMS if arm == "shown_easy" else ITEMS
        if attempt != len(own) or len(letters) != count:
            got = f"attempt {attempt} with {len(letters)} items"
            expected = f"attempt {len(own)} with {count} items"
            raise FormatError(
                "row out of order or cut", file=file, line=number, expected=expected, got=got
            )
        own.append(letters)
    return _whole(head, items, rows, file)


def _fields(line: str, file: str, number: int) -> tuple[str, str, int, str]:
    parts = line.split(",")
    expected = "`model,arm,attempt,answers` with answers of 1, 0 and r"
    if len(parts) == 4 and parts[2].isdecimal() and len(parts[2]) < 4:
        name, arm, attempt, letters = parts
        is_known = name in MODELS and arm in ARMS and not set(letters) - set("01r")
        if is_known or (name == "items" and not set(letters) - set("1234")):
            return name, arm, int(attempt), letters
    got = f"`{plain(line, limit=60)}`"
    raise FormatError("not a row of a table", file=file, line=number, expected=expected, got=got)


def _whole(
    head: dict[str, str],
    items: dict[str, tuple[int, ...]],
    rows: dict[tuple[str, str], list[str]],
    file: str,
) -> Table:
    seed = head.get("seed", "")
    if not (seed.isdecimal() and len(seed) < 10):
        raise FormatError("no seed", file=file, expected="`# seed: N`", got=f"`{seed}`")
    sizes = {"eval": ITEMS, "easy": EASY_ITEMS}
    if {name: len(found) for name, found in items.items()} != sizes:
        raise FormatError("items missing", file=file, expected="rows `items,eval` and `items,easy`")
    found = {}
    for model in MODELS:
        for arm in ARMS:
            own = rows.get((model, arm), [])
            attempts = EPOCHS if arm in ("shown", "shown_easy") else 1
            if len(own) != attempts:
                got, expected = f"{len(own)} attempts", f"{attempts} of `{model}` under `{arm}`"
                raise FormatError("incomplete table", file=file, expected=expected, got=got)
            steps = items["easy" if arm == "shown_easy" else "eval"]
            found[model, arm] = _responses(int(seed), (model, arm), steps, own)
    return Table(seed=int(seed), head=head, responses=found)


def _responses(
    seed: int, named: tuple[str, str], steps: tuple[int, ...], rows: list[str]
) -> Responses:
    import numpy as np

    letters = np.array([list(row) for row in rows])
    return Responses(
        seed=seed,
        model=named[0],
        arm=named[1],
        steps=steps,
        right=letters == "1",
        refused=letters == "r",
    )


def draws_of(seed: int, kind: str, n: int, draws: int) -> IntArray:
    """Return the items of each eval drawn from a model, shape (draws, n); none stands twice."""
    import numpy as np

    entropy = [seed, MODELS.index(kind), 77]
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
    return np.argsort(generator.random((draws, ITEMS)), axis=1)[:, :n]

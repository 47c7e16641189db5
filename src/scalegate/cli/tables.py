"""Tables that several verbs show: gates by policy, thresholds, what is in the way, what turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scalegate.cli.screen import cell, heading, item, line, sign, state, table

if TYPE_CHECKING:
    from scalegate.app.deciding import Decided, Prepared
    from scalegate.gate.clocks import Clock
    from scalegate.gate.model import Decision, Work
    from scalegate.report.model import DecisionKey

ACROSS = 3
"""So many policies stand beside each other at 80 columns."""
SHOWN = 6
"""So many things of one kind are listed before the rest is counted."""


def show_matrix(decided: Sequence[Decided]) -> None:
    """Write gates against policies for subjects that were decided under the same policies."""
    names = list(dict.fromkeys(each.assessment.inputs.policy.name for each in decided))
    for start in range(0, len(names), ACROSS):
        chosen = names[start : start + ACROSS]
        table("", ("^gate", *chosen), _matrix_rows(decided, chosen), gap=1)


def _matrix_rows(decided: Sequence[Decided], names: Sequence[str]) -> Iterable[list[Any]]:
    from scalegate.report.words import decision_word

    found: dict[tuple[str, str], dict[str, Decision]] = {}
    for each in decided:
        for decision in each.decisions:
            key = (decision.subject, decision.gate.value)
            found.setdefault(key, {})[decision.framework] = decision
    for (_, gate), answers in found.items():
        row: list[Any] = [gate]
        for name in names:
            word = decision_word(answers[name]) if name in answers else None
            is_usual = word is None or word.qualifier == "requirement unmet"
            row.append("" if word is None else state(word, with_qualifier=not is_usual))
        yield row


def show_side_by_side(decided: Sequence[Decided]) -> None:
    """Write several subjects in one table, a row per gate of each, and what holds which."""
    from scalegate.base.instants import format_day
    from scalegate.report.terminal import because, turns
    from scalegate.report.words import decision_word

    line(f"{_counted(decided)}, as of {format_day(decided[0].assessment.at)}", style="bold")
    names = list(dict.fromkeys(each.assessment.inputs.policy.name for each in decided))
    decisions = [decision for each in decided for decision in each.decisions]
    found: dict[tuple[str, str], dict[str, Decision]] = {}
    for decision in decisions:
        key = (decision.subject, decision.gate.value)
        found.setdefault(key, {})[decision.framework] = decision
    for start in range(0, len(names), ACROSS):
        chosen = names[start : start + ACROSS]
        rows = [
            (*key, *(state(decision_word(answers[name]), with_qualifier=True) for name in chosen))
            for key, answers in found.items()
        ]
        table("", ("subject", "^gate", *chosen), rows, gap=1)
    at = {id(each): f"{each.gate.value} under {each.framework}" for each in decisions}
    shut = [(each, f"{at[id(each)]}: {because(each)}") for each in decisions if not each.is_open]
    _show_alike("What holds", shut, {text: sign(decision_word(each)) for each, text in shut})
    words = [(each, note) for each in decisions for note in each.notes]
    _show_alike("On somebody's word", words, {})
    ends = [(each, f"{at[id(each)]}, {turns(each)}") for each in decisions if turns(each)]
    _show_alike("Turns by itself", ends, {})


def _show_alike(title: str, said: Sequence[tuple[Decision, str]], marks: Mapping[str, Any]) -> None:
    """Write each text once, for all the subjects of which it is said; nothing where none is."""
    subjects: dict[str, dict[str, None]] = {}
    for decision, text in said:
        subjects.setdefault(text, {})[decision.subject] = None
    if subjects:
        heading(title)
    for text, names in subjects.items():
        item(marks.get(text, "-"), f"{', '.join(names)}: {text}")


def _counted(decided: Sequence[Decided]) -> str:
    kinds = [each.partition(":")[0] for each in {one.assessment.subject.ref for one in decided}]
    counts = [(kind, kinds.count(kind)) for kind in sorted(set(kinds))]
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts)


def show_thresholds(each: Decided) -> None:
    """Write one row per threshold: evidence, level, safeguards met, strictest gate."""
    from scalegate.report.terminal import status_rows

    rows = []
    for row in status_rows(each.assessment, each.decisions):
        level = state(row.level)
        for flag in row.flags:
            level.append(", ").append_text(state(flag))
        rows.append((row.threshold, cell(row.evidence), level, row.safeguards, state(row.gate)))
    table("", ("^threshold", "evidence", "status", "guards", "^gate"), rows, indent=2)


def show_in_the_way(
    each: Decided, works: Mapping[DecisionKey, tuple[tuple[Work, ...], ...]]
) -> None:
    """Write the work of the smallest set of each shut gate, each once, with its owner."""
    from scalegate.report.model import decision_key
    from scalegate.report.words import decision_word

    gates: dict[str, list[str]] = {}
    work_of: dict[str, Work] = {}
    marks: dict[str, Any] = {}
    for decision in each.decisions:
        sets = works.get(decision_key(decision), ())
        for work in sets[0] if sets else ():
            gates.setdefault(work.text, []).append(decision.gate.value)
            work_of.setdefault(work.text, work)
            marks.setdefault(work.text, sign(decision_word(decision)))
    ordered = sorted(gates, key=lambda text: -len(gates[text]))
    for text in ordered[:SHOWN]:
        count = len(gates[text])
        where = gates[text][0] if count == 1 else f"{count} gates"
        item(marks[text], f"{work_words(work_of[text])} ({where})", indent=2)
    if len(ordered) > SHOWN:
        line(f"and {len(ordered) - SHOWN} more; `scalegate why-not` has them by gate", indent=4)


def work_words(work: Work) -> str:
    """Return a piece of work in words, with its owner and the days it takes, where known."""
    days = "" if work.lead_days is None else f" {work.lead_days} d"
    owner = f"; owner: {work.owner}{days}" if work.owner else ""
    signed = f"; a judgement, signed by {' and '.join(work.signed_by) or 'nobody whom it names'}"
    return f"{work.text}{owner}{signed if work.by_judgement else ''}"


def show_orders(decided: Iterable[Decided]) -> None:
    """Write the orders from outside that reach what was decided; nothing where none does."""
    from scalegate.base.instants import format_day

    found: dict[str, str] = {}
    reached: dict[str, dict[str, None]] = {}
    for each in decided:
        for order in (order for decision in each.decisions for order in decision.orders):
            review = order.review_on
            overdue = ", overdue" if review and review <= each.assessment.at else ""
            until = f"; review on {format_day(review)}{overdue}" if review else ""
            kept = "; kept" if order.is_kept else ""
            kind = order.kind.replace("_", " ")
            found[order.id] = f"{order.id} ({kind}), by {order.authority}{until}{kept}"
            reached.setdefault(order.id, {})[each.assessment.subject.ref] = None
    if found:
        heading("Orders from outside")
    for name, text in found.items():
        item("!", f"{text}; reaches {', '.join(reached[name])}")


def show_turns(decided: Iterable[Decided]) -> None:
    """Write when an open gate shuts by itself, earliest first; nothing where none does."""
    from scalegate.base.instants import format_day

    found = [
        (decision.holds_from, decision)
        for each in decided
        for decision in each.decisions
        if decision.holds_from is not None
    ]
    if found:
        heading("Turns by itself")
    said: dict[str, None] = {}
    for turn, decision in sorted(found, key=lambda pair: (pair[0].at, pair[1].framework)):
        word = turn.becomes.word.replace("_", " ")
        where = f"{decision.gate.value} under {decision.framework}"
        said[f"{format_day(turn.at)}: {where} becomes {word}; {'; '.join(turn.because)}"] = None
    for text in said:
        item("-", text)


def show_running(found: Mapping[tuple[str, str], Sequence[Clock]]) -> None:
    """Write the clocks that run or ran out; nothing where none does."""
    from scalegate.gate.clocks import ClockState

    running = [
        (framework, clock)
        for (framework, _), clocks in found.items()
        for clock in clocks
        if clock.state in (ClockState.OVERDUE, ClockState.RUNNING)
    ]
    if running:
        heading("Clocks")
    for framework, clock in running:
        show_clock(clock, of=framework)


def show_clock(clock: Clock, *, of: str = "") -> None:
    """Write one duty: where its clock stands, since when and until when; `of`: whose it is."""
    from scalegate.base.instants import format_day
    from scalegate.report.words import clock_word

    word = clock_word(clock.state)
    due = f", due {format_day(clock.due_at)}" if clock.due_at else ""
    since = f", since {format_day(clock.started_at)}" if clock.started_at else ""
    starts = "" if clock.started_at else f" Starts on: {clock.starts_on}."
    whose = f" ({of})" if of else ""
    duty = clock.statement.rstrip(".")
    item(sign(word), f"{word.word}{due}{since}: {clock.duty}{whose}. {duty}.{starts}")


def show_overview(prepared: Prepared, decided: Sequence[Decided]) -> None:
    """Write one row per subject: under each policy the strictest answer and how many gates shut."""
    names = [inputs.policy.name for inputs in prepared.inputs]
    found: dict[str, dict[str, Decided]] = {}
    for each in decided:
        known = each.assessment
        found.setdefault(known.subject.ref, {})[known.inputs.policy.name] = each
    for start in range(0, len(names), ACROSS):
        chosen = names[start : start + ACROSS]
        rows = [
            (subject, *(_strictest(answers[name].decisions) for name in chosen))
            for subject, answers in found.items()
        ]
        table("", ("subject", *(f"^{name}" for name in chosen)), rows)
    line()
    line("HOLD 6/7: the strictest answer, and how many of the gates asked are not open.")


def _shutness(decision: Decision) -> tuple[int, int]:
    """Rank answers: what is held or restricted, then what is not governed, then what is open."""
    if not decision.governed:
        return 1, 0
    return (0 if decision.is_open else 2), int(decision.level)


def _strictest(decisions: Sequence[Decision]) -> Any:
    from scalegate.report.words import NO_PART, decision_word

    if not decisions:
        return state(NO_PART)
    worst = max(decisions, key=_shutness)
    shut = sum(not each.is_open for each in decisions)
    return state(decision_word(worst)).append(f" {shut}/{len(decisions)}")

"""`order`: what is held or restricted from outside the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    WorkspaceOption,
    chosen_by_id,
    kept_of,
    workspace_of,
)
from scalegate.cli.complete import complete_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scalegate.gate.order_book import BookedOrder

HELD = 10
SHOWN = 6
"""So many things that an order reaches are listed before the rest is counted."""


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("order", short_help="Holds from outside the policies, and what they reach.")(order)


def order(
    *,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Only this order, with everything that it reaches. Default: all in force.",
            autocompletion=complete_order,
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    is_all: Annotated[
        bool, typer.Option("--all", help="Also orders that ended, were lifted or have not begun.")
    ] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool, typer.Option("--check", help="Exit 10 while one of the orders shown is in force.")
    ] = False,
) -> None:
    """Show the orders in force: by whom, what they reach, until which review.

    An order (a court's, an export control, one after an incident, a voluntary one) joins the
    policies by the strictest. It opens nothing, and stays in force until it is lifted.

    \b
    Examples:
      scalegate order
      scalegate order order-incident-12 --as-of 2026-04-03
    """
    from scalegate.cli.screen import print_json
    from scalegate.gate.order_book import OrderState, order_book

    kept = kept_of(workspace_of(workspace), as_of, (known_at, about))
    booked = order_book(kept.register, kept.bundle, kept.instants.true_at)
    found = chosen_by_id(booked, name, kind="order")
    if name is None and not is_all:
        found = [each for each in found if each.state is OrderState.IN_FORCE]
    is_held = any(each.state is OrderState.IN_FORCE for each in found)
    code = HELD if is_checked and is_held else 0
    if is_json:
        orders = [_as_data(each) for each in found]
        print_json("orders", {"exit_code": code, "orders": orders})
    else:
        _show(found, kept.instants.true_at, most=SHOWN if name is None else None)
    raise typer.Exit(code)


def _as_data(each: BookedOrder) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    said = each.order
    return {
        "id": each.record.id,
        "digest": each.record.digest,
        "authority": said.authority,
        "kind": said.kind,
        "effect": said.effect,
        "limits": each.limits,
        "state": each.state.value,
        "statement": said.statement,
        "reaches": [{"subject": ref, "because": because} for ref, because in each.reached],
        "gates": list(said.reaches.gates),
        "except_subjects": list(said.reaches.except_subjects),
        "true_from": format_instant(each.record.true_from),
        "review_on": format_instant(said.review_on) if said.review_on else None,
        "is_review_overdue": each.is_review_overdue,
        "lifted_at": format_instant(said.lifted_at) if said.lifted_at else None,
        "incident": said.incident,
        "source": str(each.record.source.to_citation()),
    }


def _show(found: Sequence[BookedOrder], at: Any, *, most: int | None) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import line
    from scalegate.gate.order_book import OrderState

    count = sum(each.state is OrderState.IN_FORCE for each in found)
    day = format_day(at)
    said = f"{count} order{'' if count == 1 else 's'} in force, as of {day}"
    line(said if count else f"no order in force, as of {day}", style="bold")
    for each in found:
        _show_one(each, most)


def _show_one(each: BookedOrder, most: int | None) -> None:
    from scalegate.cli.screen import answer, item, line
    from scalegate.gate.order_book import OrderState
    from scalegate.policy.vocabulary import EffectLevel
    from scalegate.report.words import NO_LONGER, effect_word

    said = each.order
    in_force = each.state is OrderState.IN_FORCE
    word = effect_word(EffectLevel[said.effect.upper()]) if in_force else NO_LONGER
    state = "" if in_force else f", {each.state.value.replace('_', ' ')}"
    line()
    kind = said.kind.replace("_", " ")
    answer(word, f"{each.record.id} ({kind}{state}), by {said.authority}")
    line(f"{said.statement} [{each.record.source.to_citation()}]", indent=2)
    for mark, text in _details(each):
        item(mark, text)
    for ref, because in each.reached[:most]:
        item("-", f"reaches {ref} ({because})")
    if most is not None and len(each.reached) > most:
        line(f"and {len(each.reached) - most} more; `scalegate order ID` shows all", indent=4)


def _details(each: BookedOrder) -> Iterator[tuple[str, str]]:
    """Yield what else to say of an order, each with its mark."""
    from scalegate.base.instants import format_day
    from scalegate.gate.order_book import OrderState

    said = each.order
    if each.limits:
        yield "~", f"limits: {'; '.join(f'{key} {text}' for key, text in each.limits.items())}"
    where = f", at {', '.join(said.reaches.gates)}" if said.reaches.gates else ""
    yield "-", f"since {format_day(each.record.true_from)}{where}"
    if said.lifted_at:
        to_be = "to be " if each.state is OrderState.IN_FORCE else ""
        yield "-", f"{to_be}lifted on {format_day(said.lifted_at)}"
    if said.review_on:
        overdue = ": overdue, and still in force" if each.is_review_overdue else ""
        yield "!" if overdue else "-", f"review on {format_day(said.review_on)}{overdue}"
    if said.incident:
        yield "-", f"after incident {said.incident}"
    if not each.reached:
        yield "!", "reaches nothing that is registered"

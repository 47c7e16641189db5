"""The book of orders: each order from outside, where it stands, and what it reaches.

1. Of an order the latest version known counts.
2. It has *not begun* before its first instant, is *lifted* from the instant that it names, has
   *ended* with its document, and is *in force* otherwise.
3. A review whose day has passed is overdue; the order stays in force until it is lifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scalegate.evidence.bundle import Bundle
from scalegate.evidence.documents.records import Order
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.evidence.register import Register
from scalegate.gate.orders import order_limits, reached_by


class OrderState(StrEnum):
    """Where an order stands."""

    IN_FORCE = "in_force"
    NOT_BEGUN = "not_begun"
    LIFTED = "lifted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedOrder:
    """One order, where it stands, and what it reaches."""

    record: Record
    """The document."""
    order: Order
    """What it says."""
    state: OrderState
    """Where it stands."""
    reached: tuple[tuple[str, str], ...]
    """The deployments, runs and models that it reaches, each with what it is reached by."""
    limits: dict[str, str]
    """For `restrict`: the limits, in words."""
    is_review_overdue: bool
    """Whether it is in force and the day of its review has passed."""


def order_book(
    register: Register, bundle: Bundle[EvalLog], at: datetime
) -> tuple[BookedOrder, ...]:
    """Return every order known, those in force first, then by their first instant."""
    latest = {record.id: record for record in bundle.history if record.kind is Kind.ORDER}
    found = [_booked(register, record, at) for record in latest.values()]
    return tuple(
        sorted(
            found,
            key=lambda each: (
                list(OrderState).index(each.state),
                each.record.true_from,
                each.record.id,
            ),
        )
    )


def _booked(register: Register, record: Record, at: datetime) -> BookedOrder:
    order = record.payload_as(Order)
    state = _state(record, order, at)
    review = order.review_on
    return BookedOrder(
        record=record,
        order=order,
        state=state,
        reached=reached_by(register, order.reaches),
        limits=order_limits(order.limits) if order.limits else {},
        is_review_overdue=state is OrderState.IN_FORCE and review is not None and review <= at,
    )


def _state(record: Record, order: Order, at: datetime) -> OrderState:
    if record.true_from > at:
        return OrderState.NOT_BEGUN
    if order.lifted_at is not None and order.lifted_at <= at:
        return OrderState.LIFTED
    if record.true_until is not None and record.true_until <= at:
        return OrderState.ENDED
    return OrderState.IN_FORCE

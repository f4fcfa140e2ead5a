"""Whatever order the ledger's entries come in: every balance is their sum, and nothing appears or vanishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surcease.care.ledger import (
    Kind,
    Movement,
    balance,
    balances,
    by_day,
    counter_entry,
    register,
    session_account,
    vial_account,
    why_not,
)

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
amounts = st.decimals("0.001", "500", places=3)


@st.composite
def entries(draw: st.DrawFn) -> list[Movement]:
    """Entries of three vials and two sessions, some waiting for a witness, some refused, some taken back."""
    found: list[Movement] = []
    for n in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(Kind))
        vial = "" if kind is Kind.WASTE_DRAWN else draw(st.sampled_from("abc"))
        session = draw(st.sampled_from("st")) if kind in (Kind.DRAW, Kind.WASTE_DRAWN) else ""
        needed = kind in (Kind.WASTE, Kind.WASTE_DRAWN)
        seen = draw(st.sampled_from(("W", "", "refused"))) if needed else ""
        at = START + timedelta(minutes=draw(st.integers(0, 5000)))
        found.append(
            Movement(
                f"m{n}", kind, draw(amounts), at, "N", vial, session, witness_needed=needed,
                witness="W" if seen == "W" else "", refused="no" if seen == "refused" else "",
            )
        )  # fmt: skip
        if draw(st.booleans()) and not needed:
            found.append(counter_entry(found[-1], f"c{n}", at + timedelta(minutes=1), "N", "wrong"))
    return found


def by_hand(log: list[Movement], account: str) -> Decimal:
    """The sum written the long way, without the module's own accounts."""
    total = Decimal(0)
    for m in log:
        if m.refused or (m.witness_needed and not m.witness):
            continue
        sign = -1 if m.corrects else 1
        if account == f"vial:{m.vial}" and m.vial:
            total += sign * m.amount_mg * (1 if m.kind in ("receive", "find") else -1)
        if account == f"session:{m.session}" and m.session:
            total += sign * m.amount_mg * (1 if m.kind == "draw" else -1)
    return total


@QUIET
@given(entries(), st.randoms())
def test_balance_is_the_sum_whatever_the_order(log: list[Movement], chance) -> None:
    shuffled = log[:]
    chance.shuffle(shuffled)
    for account in (*map(vial_account, "abc"), *map(session_account, "st")):
        assert balance(log, account) == balance(shuffled, account) == by_hand(log, account)
    assert balances(log) == balances(shuffled)


@QUIET
@given(entries())
def test_nothing_appears_or_vanishes(log: list[Movement]) -> None:
    assert sum(balances(log).values(), Decimal(0)) == 0


@QUIET
@given(entries(), st.randoms())
def test_the_register_ends_on_the_balance_and_its_days_chain(log: list[Movement], chance) -> None:
    shuffled = log[:]
    chance.shuffle(shuffled)
    accounts = frozenset(map(vial_account, "abc"))
    lines = register(shuffled, accounts)
    assert lines == register(log, accounts)
    total = sum((by_hand(log, account) for account in accounts), Decimal(0))
    assert (lines[-1].balance_mg if lines else Decimal(0)) == total
    days = by_day(lines, lambda at: at.date())
    assert all(a.closing_mg == b.opening_mg for a, b in zip(days, days[1:], strict=False))
    assert (days[-1].closing_mg if days else Decimal(0)) == total


@QUIET
@given(entries())
def test_an_entry_and_its_counter_entry_leave_no_trace_in_any_balance(log: list[Movement]) -> None:
    pairs = {m.corrects for m in log if m.corrects}
    without = [m for m in log if not m.corrects and m.movement_id not in pairs]
    changed = {k: v for k, v in balances(log).items() if v}
    assert changed == {k: v for k, v in balances(without).items() if v}


@QUIET
@given(st.lists(st.tuples(st.sampled_from(("draw", "waste", "send")), amounts, st.integers(0, 5000)), max_size=30))
def test_whoever_asks_first_never_overdraws_a_vial_at_any_time(asked: list[tuple[str, Decimal, int]]) -> None:
    log = [Movement("0", Kind.RECEIVE, Decimal(500), START, "P", "a")]
    for n, (kind, amount, minute) in enumerate(asked, start=1):
        at = START + timedelta(minutes=minute)
        new = Movement(f"{n}", Kind(kind), amount, at, "N", "a", "s" if kind == "draw" else "")
        if not why_not(new, log):
            log.append(new)
    assert all(line.balance_mg >= 0 for line in register(log, frozenset({"vial:a"})))

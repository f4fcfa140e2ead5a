"""Signatures: shown identity, bound content, two people; any change breaks them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web_fixtures import PASSWORD, World, totp

from surcease.care.record import Code
from surcease.web.accounts.role import LINK_KEY, LOCKED_KEY
from surcease.web.accounts.stepup import NotShown, SignForm, show
from surcease.web.audit.models import AuditRow
from surcease.web.signing.actions import sign, signatures_of, still_holds
from surcease.web.signing.canonical import canonical
from surcease.web.signing.models import Meaning, Signature

pytestmark = pytest.mark.django_db
PLAN = {"protocol": "P01", "rate": Decimal("21.70"), "start": date(2026, 3, 2), "codes": (Code("s", "c"),)}


@pytest.fixture(autouse=True)
def _no_counters_left() -> None:
    cache.clear()


def request_of(user: Any, **session: Any) -> Any:
    """A request of a signed-in user."""
    request = RequestFactory().post("/")
    request.user, request.session = user, SessionStore()
    request.session.update(session)
    return request


def signed(world: World, by: Any, **more: Any) -> Signature:
    """A signature on version 1 of a plan."""
    given = {"record_kind": "plan", "record_id": "p1", "version": 1, "content": PLAN, "meaning": Meaning.AUTHOR,
             "method": "password", "patient": world.patient.pk}  # fmt: skip
    return sign(by=by, now=world.now, **(given | more))


def test_canonical_text_does_not_depend_on_how_things_are_held() -> None:
    assert (
        canonical({"b": 1, "a": Decimal("21.70")})
        == canonical({"a": Decimal("21.70"), "b": 1})
        == '{"a":"21.70","b":1}'
    )
    assert canonical("Zoe\u0308") == canonical("Zo\u00eb")
    berlin = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1)))
    assert canonical(berlin) == canonical(datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert canonical({"rate": Decimal("21.7")}) != canonical({"rate": Decimal("21.70")})  # digits are meant


@pytest.mark.parametrize("value", [1.5, {"a": 0.1}, datetime(2026, 1, 1), object()])  # noqa: DTZ001
def test_what_cannot_be_signed_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # drawing deep JSON is slow on a busy machine
@given(JSON)
def test_canonical_text_is_stable(value: Any) -> None:
    assert canonical(value) == canonical(value)


def test_a_signature_prints_name_role_time_meaning_and_method(world: World) -> None:
    row = signed(world, world.users.physician)
    assert (row.printed_name, row.role, row.meaning, row.method) == (
        world.users.physician.printed_name, "physician", "author", "password",
    )  # fmt: skip
    assert row.at == world.now
    audit = AuditRow.objects.latest("id")
    assert (audit.action, audit.patient, audit.details["sha256"]) == ("sign", world.patient.pk, row.sha256)


@pytest.mark.parametrize(
    "change",
    [{"rate": Decimal("21.71")}, {"rate": Decimal("21.7")}, {"protocol": "P02"}, {"start": date(2026, 3, 3)},
     {"codes": ()}, {"new": None}],
)  # fmt: skip
def test_any_change_breaks_it(world: World, change: dict[str, Any]) -> None:
    row = signed(world, world.users.physician)
    assert still_holds(row, PLAN)
    assert not still_holds(row, PLAN | change)


def test_it_cannot_be_moved_or_mended(world: World) -> None:
    row = signed(world, world.users.physician)
    with pytest.raises(RuntimeError):
        row.save()
    with pytest.raises(RuntimeError):
        Signature.objects.filter(pk=row.pk).update(record_id="p2")
    row.content = canonical(PLAN | {"rate": Decimal("99")})
    assert not still_holds(row, PLAN | {"rate": Decimal("99")})  # the hash still says what was signed


@pytest.mark.parametrize("meaning", [Meaning.VERIFY, Meaning.WITNESS, Meaning.COUNTERSIGN])
def test_the_second_signature_is_a_second_person(world: World, meaning: str) -> None:
    signed(world, world.users.physician)
    with pytest.raises(ValueError, match="second person"):
        signed(world, world.users.physician, meaning=meaning)
    signed(world, world.users.nurse, meaning=meaning)
    assert [s.meaning for s in signatures_of("plan", "p1", 1)] == ["author", meaning]


def test_a_departure_needs_its_reason(world: World) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        signed(world, world.users.physician, meaning=Meaning.OVERRIDE)
    assert signed(world, world.users.physician, meaning=Meaning.OVERRIDE, reason="Known for years").reason


@pytest.mark.parametrize("method", ["", "pin", "badge", "anything"])
def test_nothing_is_signed_without_showing_who(world: World, method: str) -> None:
    with pytest.raises(PermissionDenied):
        signed(world, world.users.physician, method=method)
    assert not Signature.objects.exists()


def test_password_or_code_shows_who(world: World) -> None:
    assert show(request_of(world.users.physician), PASSWORD) == "password"
    assert show(request_of(world.users.physician), totp()) == "totp"


@pytest.mark.parametrize("secret", ["", "wrong", "000000"])
def test_nothing_else_does(world: World, secret: str) -> None:
    with pytest.raises(NotShown):
        show(request_of(world.users.physician), secret)


@pytest.mark.parametrize("session", [{LOCKED_KEY: 1.0}, {LINK_KEY: "x"}])
def test_nobody_signs_on_a_locked_tablet_or_by_a_link(world: World, session: dict[str, Any]) -> None:
    with pytest.raises(NotShown):
        show(request_of(world.users.physician, **session), PASSWORD)


def test_five_wrong_tries_a_minute_are_enough(world: World) -> None:
    for _try in range(5):
        with pytest.raises(NotShown, match="not your password"):
            show(request_of(world.users.physician), "wrong")
    with pytest.raises(NotShown, match="Too many"):
        show(request_of(world.users.physician), PASSWORD)
    with time_machine.travel(time.time() + 61):
        assert show(request_of(world.users.physician), PASSWORD) == "password"


def test_many_right_ones_are_no_offence(world: World) -> None:
    assert {show(request_of(world.users.physician), PASSWORD) for _try in range(12)} == {"password"}


def test_a_passkey_shown_a_moment_ago_counts_for_five_minutes(world: World) -> None:
    from allauth.account.internal.flows import login as flow

    user = world.users.physician
    noted = [{"method": "mfa", "type": "webauthn", "reauthenticated": True, "at": time.time()}]
    request = request_of(user)
    request.session[flow.AUTHENTICATION_METHODS_SESSION_KEY] = noted
    request.session[flow._AUTHENTICATION_METHODS_USER_SESSION_KEY] = flow.user_id_to_str(user)
    assert show(request, "") == "passkey"
    with time_machine.travel(time.time() + 301), pytest.raises(NotShown):
        show(request, "")


def test_the_field_keeps_the_sentence(world: World) -> None:
    form = SignForm({"secret": "wrong"})
    assert form.is_valid()
    assert form.method_of(request_of(world.users.physician)) is None
    assert "not your password" in str(form.errors["secret"])


def test_ids_may_be_uuids(world: World) -> None:
    pk = UUID(int=7)
    signed(world, world.users.physician, record_id=pk)
    assert signatures_of("plan", pk)

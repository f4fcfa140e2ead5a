"""A site's own numbers and a physician's limits for one person: signed, dated, shown beside the default."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.web_fixtures import PASSWORD

from surcease.knowledge import evaluate, load
from surcease.knowledge.fact import Fact, Facts
from surcease.web.limits.actions import sign_limit
from surcease.web.limits.models import SignedLimit
from surcease.web.limits.queries import limits_for
from surcease.web.signing.actions import signatures_of, still_holds

pytestmark = pytest.mark.django_db


def number(**more) -> dict:
    return {
        "which": "DOS-19b weight_change_defer",
        "value": "15",
        "reason": "our scale is old",
        "secret": PASSWORD,
        **more,
    }


def test_a_lead_signs_a_number_and_it_stands_beside_the_default(client_as, world):
    lead = client_as("lead")
    assert "weight change defer" in lead.get("/limits/numbers/").content.decode()
    assert lead.post("/limits/numbers/", number()).status_code == 302
    row = SignedLimit.objects.get()
    [signature] = signatures_of("limit", row.pk)
    assert (signature.meaning, signature.method) == ("author", "password")
    assert still_holds(signature, limits_for(world.patient, world.site, now=row.at)[0])
    page = lead.get("/limits/numbers/").content.decode()
    assert "our scale is old" in page
    facts = Facts({"weight_change_percent": Fact(Decimal(16), "%", world.now)})
    site = limits_for(world.patient, world.site, now=world.now + timedelta(minutes=1))
    after = world.now + timedelta(minutes=1)
    [finding] = evaluate([load().rule("DOS-19b")], facts, now=after, overrides=site)
    assert finding.fired is True
    assert any("15" in said and "20" in said for said in finding.limits)  # the site's number beside the default
    [by_default] = evaluate([load().rule("DOS-19b")], facts, now=after)
    assert by_default.fired is False


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": ""}, "needs its number"),
        ({"reason": ""}, "This field is required"),
        ({"secret": "wrong"}, "not your password"),
        ({"value": "15,5"}, "not a number we can read safely"),
        ({"which": "DOS-01 "}, "Select a valid choice"),
        ({"expires": "2020-01-01"}, "2020-01-01 is over"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_kept(client_as, change, said):
    page = client_as("lead").post("/limits/numbers/", number(**change))
    assert page.status_code in (200, 400)
    assert said in page.content.decode()
    assert not SignedLimit.objects.exists()


def test_a_stricter_outcome_is_signed_without_a_number(world):
    rule = next(r for r in load().rules if r.signed_outcome)
    row = sign_limit(
        by=world.users.lead, now=world.now, method="password", rule=rule.id, threshold="", value=None,
        reason="our board decided", site=world.site,
    )  # fmt: skip
    assert (row.threshold, row.value) == ("", None)
    with pytest.raises(ValueError, match="has no number ''"):
        sign_limit(by=world.users.lead, now=world.now, method="password", rule="DOS-19b", threshold="", value=None,
                   reason="no such outcome", site=world.site)  # fmt: skip


def personal(world, **more) -> dict:
    until = (world.now + timedelta(days=60)).date().isoformat()
    return {"which": "DAY-02 heart_rate_low", "value": "44", "reason": "an athlete, ECG of May", "expires": until,
            "secret": PASSWORD, **more}  # fmt: skip


def test_a_physician_signs_a_limit_for_one_person_and_it_becomes_a_review(client_as, world):
    page = f"/limits/person/{world.patient.pk}/"
    assert client_as("physician").post(page, personal(world)).status_code == 302
    after = world.now + timedelta(minutes=1)
    facts = Facts({"heart_rate_today": Fact(Decimal(46), "/min", after)})
    signed = limits_for(world.patient, world.site, now=after)
    [finding] = evaluate([load().rule("DAY-02")], facts, now=after, overrides=signed)
    assert (finding.fired, finding.outcome) == (True, "REVIEW")
    later = world.now + timedelta(days=61)
    assert limits_for(world.patient, world.site, now=later) == ()
    assert "an athlete, ECG of May" in client_as("nurse").get(page).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expires": ""}, "This field is required"),
        ({"value": "20"}, "outside 35 to 50"),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_a_personal_limit_needs_a_reason_an_end_and_room(client_as, world, change, said):
    page = client_as("physician").post(f"/limits/person/{world.patient.pk}/", personal(world, **change))
    assert said in page.content.decode()
    assert not SignedLimit.objects.exists()


def test_a_nurse_sees_and_cannot_sign(client_as, world):
    done = client_as("nurse").post(f"/limits/person/{world.patient.pk}/", personal(world))
    assert done.status_code == 403
    assert not SignedLimit.objects.exists()

"""Adverse events: the grade apart from seriousness, relatedness and outcome; a serious one is a named person's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.integration.samples.steps import treated

from surcease.web.treatment.adverse import standing
from surcease.web.treatment.models import AdverseEventRow
from surcease.web.worklist import actions as worklist
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def page(world) -> str:
    return f"/treatment/person/{world.patient.pk}/adverse/"


def typed(world, **more):
    base = {"term": "hypoxia", "words": "SpO2 86 % for two minutes", "at": f"{world.now:%Y-%m-%dT%H:%M}",
            "number_of": "spo2", "number": "86", "related": "probable", "outcome": "recovered"}  # fmt: skip
    return base | more


def test_the_number_gives_the_grade_and_nothing_is_serious_by_itself(world, client_as):
    session = treated(world)
    assert client_as("nurse").post(f"{page(world)}?session={session.pk}", typed(world)).status_code == 302
    [row] = standing(world.patient)
    assert (row.grade, row.serious, row.session) == (3, [], session)  # below 88 % at rest is grade 3 (CTCAE v5)
    assert not Todo.objects.filter(kind="serious adverse event").exists()


def test_a_serious_one_needs_a_name_and_stays_theirs_until_taken(world, client_as):
    nurse = client_as("nurse")
    serious = typed(world, serious=["hospital"])
    assert "say to whom" in nurse.post(page(world), serious).content.decode()
    assert not AdverseEventRow.objects.exists()
    nurse.post(page(world), serious | {"responsible": str(world.users.physician.pk)})
    todo = Todo.objects.get(kind="serious adverse event")
    assert (todo.for_user, todo.urgent) == (world.users.physician, True)
    assert worklist.escalate(todo.due_at + timedelta(minutes=1)) == 1
    todo.refresh_from_db()
    assert todo.also_role == ["lead"]
    worklist.take(by=world.users.physician, now=world.now, todo=todo)
    todo.refresh_from_db()
    assert todo.state == "taken"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number_of": "", "number": ""}, "nothing decides how strong"),
        ({"number_of": "systolic", "number": "180"}, "not a measure of Hypoxia"),
        ({"signs": ["life_threatening"]}, "life threatening is missing"),
        ({"grade": "5", "number_of": "", "number": ""}, "death is missing"),
        ({"related": ""}, "required"),
        ({"at": "yesterday"}, "valid"),
    ],
)
def test_what_contradicts_is_said_and_not_kept(world, client_as, change, sentence):
    answer = client_as("nurse").post(page(world), typed(world, **change))
    assert sentence in answer.content.decode()
    assert not AdverseEventRow.objects.exists()


def test_a_later_judgement_follows_the_first_and_a_wrong_one_is_struck(world, client_as):
    nurse = client_as("nurse")
    nurse.post(page(world), typed(world, outcome="recovering"))
    [first] = standing(world.patient)
    nurse.post(f"{page(world)}?follows={first.pk}", typed(world, outcome="recovered"))
    [latest] = standing(world.patient)
    assert (latest.follows, latest.outcome) == (first.pk, "recovered")
    assert AdverseEventRow.objects.count() == 2
    nurse.post(f"/treatment/adverse/{latest.pk}/strike/", {"reason": ""})
    assert standing(world.patient)[0].pk == latest.pk
    nurse.post(f"/treatment/adverse/{latest.pk}/strike/", {"reason": "another person's"})
    assert standing(world.patient)[0].pk == first.pk
    assert nurse.get(f"{page(world)}?follows=nothing").status_code == 404

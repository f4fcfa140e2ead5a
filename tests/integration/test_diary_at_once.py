"""The same entry by many requests at the same moment, on either database: kept once, everyone gets its receipt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from tests.integration.test_diary_sync import post, sent

from surcease.web.audit.models import AuditRow
from surcease.web.diary.models import EntryRow, OtherEntry

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(client_as, bodies):
    clients = [(client_as("patient"), body) for body in bodies]

    def one(pair):
        try:
            return post(*pair)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(one, clients))


def test_one_entry_by_eight_requests(world, client_as):
    body = sent(world.now, pain=6)
    answers = at_once(client_as, [body] * 8)
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert {a.json()["hash"] for a in answers} == {body["hash"]}
    assert EntryRow.objects.count() == 1
    assert AuditRow.objects.filter(action="diary entry").count() == 1


def test_two_texts_under_one_id_are_both_kept(world, client_as):
    first = sent(world.now, pain=6)
    other = sent(world.now, entry_id=first["id"], pain=2)
    answers = at_once(client_as, [first, other] * 4)
    assert all(a.status_code in (200, 201, 409) for a in answers)
    kept = {EntryRow.objects.get().sent_hash, *OtherEntry.objects.values_list("sent_hash", flat=True)}
    assert kept == {first["hash"], other["hash"]}

"""The trail: in the act's transaction, chained within a second, and every kind of tampering found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web_fixtures import World

from surcease.web.audit import seal as sealing
from surcease.web.audit import trail
from surcease.web.audit.models import AuditRow, ChainHead, Seal
from surcease.web.audit.verify import verify
from surcease.web.patients import actions

pytestmark = pytest.mark.django_db
ROWS = 40


@pytest.fixture(autouse=True)
def _own_checkpoints() -> Any:
    """Each test starts without checkpoints: the database's rows go with the test, the files would stay."""
    folder = settings.HOME / "audit/checkpoints"
    for file in folder.glob("*"):
        file.unlink()
    sealing._last_checkpoint.clear()


@pytest.fixture
def chain() -> list[int]:
    """Forty sealed rows with a checkpoint; their ids."""
    with transaction.atomic():
        ids = [trail.write("test", by="server", why=f"row {n}", details={"n": n}).pk for n in range(ROWS)]
    sealing.seal(checkpoint=True)
    return ids


def behind_the_back(sql: str, *values: Any) -> None:
    """What someone with the database open can do."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_trail_is_whole(chain: list[int]) -> None:
    verdict = verify()
    assert (verdict.whole, verdict.checked, verdict.checkpoints) == (True, ROWS, 1)


def test_the_row_goes_with_its_act() -> None:
    before = AuditRow.objects.count()
    with transaction.atomic():
        trail.write("act", by="server")
        transaction.set_rollback(True)
    assert AuditRow.objects.count() == before


@pytest.mark.parametrize("seed", range(25))
def test_an_edit_is_found(chain: list[int], seed: int) -> None:
    """Any column of any row."""
    rng = Random(seed)
    column, value = rng.choice([
        ("who_name", "Somebody Else"), ("action", "sign"), ("why", "another reason"), ("came_from", "10.0.0.9"),
        ("role", "lead"), ("object_id", "other"), ("details", '{"n": 999}'), ("at", "2020-01-01 00:00:00+00:00"),
        ("broke_glass", True), ("patient", "0" * 32),
    ])  # fmt: skip
    behind_the_back(f"UPDATE audit_auditrow SET {column} = %s WHERE id = %s", value, rng.choice(chain))
    assert "changed" in {fault.kind for fault in verify().faults}


@pytest.mark.parametrize("seed", range(10))
def test_a_removed_row_is_found(chain: list[int], seed: int) -> None:
    behind_the_back("DELETE FROM audit_auditrow WHERE id = %s", Random(seed).choice(chain))
    assert "removed" in {fault.kind for fault in verify().faults}


@pytest.mark.parametrize("seed", range(10))
def test_a_removed_row_with_its_link_is_found(chain: list[int], seed: int) -> None:
    row = Random(seed).choice(chain[:-1])
    behind_the_back("DELETE FROM audit_auditrow WHERE id = %s", row)
    behind_the_back("DELETE FROM audit_seal WHERE row_id = %s", row)
    assert "removed" in {fault.kind for fault in verify().faults}


@pytest.mark.parametrize("seed", range(10))
def test_two_rows_in_each_others_place_are_found(chain: list[int], seed: int) -> None:
    a, b = Random(seed).sample(chain, 2)
    behind_the_back("UPDATE audit_seal SET row_id = -1 WHERE row_id = %s", a)
    behind_the_back("UPDATE audit_seal SET row_id = %s WHERE row_id = %s", a, b)
    behind_the_back("UPDATE audit_seal SET row_id = %s WHERE row_id = -1", b)
    assert "changed" in {fault.kind for fault in verify().faults}


def test_a_row_slipped_in_with_an_old_time_is_found(chain: list[int]) -> None:
    old = timezone.now() - timedelta(hours=1)
    AuditRow(at=old, who_name="Nobody", role="nurse", action="open").save()
    assert {fault.kind for fault in verify().faults} == {"added"}


def test_a_link_slipped_in_is_found(chain: list[int]) -> None:
    """A forger who writes a link as well cannot make the next hashes fit."""
    middle = Seal.objects.get(seq=ROWS // 2)
    forged = AuditRow(at=timezone.now(), who_name="Nobody", role="nurse", action="open")
    forged.save()
    behind_the_back("UPDATE audit_seal SET row_id = %s WHERE seq = %s", forged.pk, middle.seq)
    assert "changed" in {fault.kind for fault in verify().faults}


@pytest.mark.parametrize("cut", [1, 5, ROWS - 1])
def test_a_cut_off_end_is_found_by_the_checkpoint(chain: list[int], cut: int) -> None:
    """Rows, links and head all cut back to an earlier, consistent state: only the file outside knows better."""
    keep = ROWS - cut
    behind_the_back("DELETE FROM audit_auditrow WHERE id IN (SELECT row_id FROM audit_seal WHERE seq > %s)", keep)
    behind_the_back("DELETE FROM audit_seal WHERE seq > %s", keep)
    last = Seal.objects.get(seq=keep)
    ChainHead.objects.update(seq=keep, row_id=last.row_id, hash=last.hash)
    assert {fault.kind for fault in verify().faults} == {"cut off"}


def test_a_chain_computed_anew_is_found_by_the_checkpoint(chain: list[int]) -> None:
    behind_the_back("UPDATE audit_auditrow SET why = 'nothing' WHERE id = %s", chain[3])
    behind_the_back("DELETE FROM audit_seal")
    ChainHead.objects.update(seq=0, row_id=0, hash=sealing.START)
    sealing.seal()
    assert {fault.kind for fault in verify().faults} == {"changed"}


def test_a_checkpoint_that_was_changed_is_found(chain: list[int]) -> None:
    file = next((settings.HOME / "audit/checkpoints").glob("*.jsonl"))
    whole = json.loads(file.read_text())
    whole["said"] = whole["said"].replace(f'"seq": {ROWS}', '"seq": 3')
    file.write_text(json.dumps(whole) + "\n")
    assert "checkpoint" in {fault.kind for fault in verify().faults}


def test_a_checkpoint_signed_by_another_key_is_refused(chain: list[int]) -> None:
    from base64 import b64encode

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = json.dumps({"seq": 1, "hash": "0" * 64, "at": "2026-01-01T00:00:00+00:00"})
    line = {"said": said, "signature": b64encode(Ed25519PrivateKey.generate().sign(said.encode())).decode()}
    with pytest.raises(ValueError, match="not written by this clinic"):
        sealing.read_checkpoint(json.dumps(line))


def test_checkpoints_are_written_at_most_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    for _round in range(5):
        with transaction.atomic():
            trail.write("test", by="server")
        sealing.seal_now(timezone.now())
    lines = [line for f in (settings.HOME / "audit/checkpoints").glob("*.jsonl") for line in f.read_text().splitlines()]
    assert len(lines) == 1
    assert verify().whole


def test_the_chain_goes_on_after_a_pause(chain: list[int]) -> None:
    assert sealing.seal() == 0
    with transaction.atomic():
        trail.write("test", by="server")
    assert sealing.seal() == 1
    assert ChainHead.objects.get().seq == ROWS + 1
    assert verify().whole


def test_rows_are_only_added(chain: list[int]) -> None:
    row = AuditRow.objects.first()
    assert row is not None
    for forbidden in (row.save, row.delete, AuditRow.objects.all().delete):
        with pytest.raises(RuntimeError):
            forbidden()
    with pytest.raises(RuntimeError):
        AuditRow.objects.update(why="x")


def test_signing_in_failing_and_out_leave_rows(world: World) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": "nobody@test.example", "password": "hunter2hunter2"})
    failed = AuditRow.objects.filter(action="sign in failed").get()
    assert failed.details == {"tried": "nobody@test.example"}
    assert "hunter2" not in json.dumps(failed.details)


def test_the_trail_of_a_person_in_the_browser(world: World, client_as: Callable[[str], Client], now: Any) -> None:
    actions.change_particulars(
        by=world.users.nurse, now=now, patient=world.patient, version=1, changes={"phone": "123"}, reason="moved house"
    )
    address = reverse("audit:patient", kwargs={"patient_id": world.patient.pk})
    for role in ("lead", "physician"):
        text = client_as(role).get(address).content.decode()
        assert "change particulars" in text
        assert "moved house" in text
    assert AuditRow.objects.filter(action="read trail", who=world.users.lead.pk).exists()
    own = client_as("patient").get(reverse("audit:own")).content.decode()
    assert "change particulars" in own


@pytest.mark.long
def test_checking_keeps_the_pace_of_a_million_rows_a_minute() -> None:
    """At a size that a test may take."""
    now = timezone.now()
    rows = [AuditRow(at=now, who_name="n", role="nurse", action="open", details={"n": n}) for n in range(4_000)]
    AuditRow.objects.bulk_create(rows, batch_size=1_000)
    sealing.seal(checkpoint=True)
    begun = time.perf_counter()
    assert verify().checked == 4_000
    assert time.perf_counter() - begun < 4_000 * 60 / 1_000_000 * 8  # eight times slack for a busy machine

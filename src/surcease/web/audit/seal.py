"""Sealing: each audit row becomes a link of a hash chain; where the chain stands is signed outside the database.

The chain finds a changed, removed, added or reordered row; the checkpoint files find a chain whose end was cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from surcease.web.audit.models import AuditRow, ChainHead, Seal
from surcease.web.signing.canonical import canonical

START = "0" * 64
BATCH = 5_000
LOOK_BACK = 5_000  # on PostgreSQL a lower id may be committed after a higher one
CHECKPOINT_EVERY_S = 10.0
_last_checkpoint: dict[str, float] = {}


def seal_now(now: datetime) -> int:
    """One round of the sealer; how many rows it sealed."""
    return seal()


def seal(*, checkpoint: bool = False) -> int:
    """Chain what is not yet chained; write a checkpoint every ten seconds in which something was, or when asked."""
    if not checkpoint and not _unsealed(_head_row_id()).exists():
        return 0
    with transaction.atomic():
        ChainHead.objects.get_or_create(id=1)
        head = ChainHead.objects.select_for_update().get(id=1)
        seals = _links(head, list(_unsealed(head.row_id).order_by("id")[:BATCH]))
        Seal.objects.bulk_create(seals)
        head.save()
    due = time.monotonic() - _last_checkpoint.get(str(settings.HOME.path), -1e9) >= CHECKPOINT_EVERY_S
    if head.seq and (checkpoint or (seals and due)):
        write_checkpoint(head.seq, head.hash)
    return len(seals)


def _head_row_id() -> int:
    return ChainHead.objects.filter(id=1).values_list("row_id", flat=True).first() or 0


def _unsealed(row_id: int) -> Any:
    sealed = Seal.objects.filter(row_id=OuterRef("id"))
    return AuditRow.objects.filter(~Exists(sealed), id__gt=row_id - LOOK_BACK)


def _links(head: ChainHead, rows: list[AuditRow]) -> list[Seal]:
    """The next links; moves the head along."""
    seals = []
    for row in rows:
        head.seq, head.row_id, head.hash = head.seq + 1, max(head.row_id, row.pk), link(head.hash, head.seq + 1, row)
        seals.append(Seal(seq=head.seq, row_id=row.pk, hash=head.hash))
    return seals


def link(previous: str, seq: int, row: AuditRow) -> str:
    """The hash of the ``seq``-th link: over the previous one and everything the row says."""
    said = {field.attname: getattr(row, field.attname) for field in AuditRow._meta.concrete_fields}
    said["details"] = json.dumps(row.details, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{seq}\n{canonical(said)}".encode()).hexdigest()


def write_checkpoint(seq: int, chain_hash: str) -> Path:
    """Append where the chain stands, signed, to today's file in home/audit/checkpoints; durable before it returns."""
    now = timezone.now().astimezone(UTC)
    said = json.dumps({"seq": seq, "hash": chain_hash, "at": now.isoformat()}, sort_keys=True)
    line = json.dumps({"said": said, "signature": b64encode(_key().sign(said.encode())).decode()})
    file = settings.HOME / f"audit/checkpoints/{now:%Y-%m-%d}.jsonl"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (line + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    _last_checkpoint[str(settings.HOME.path)] = time.monotonic()
    return Path(file)


def read_checkpoint(line: str) -> dict[str, Any]:
    """A checkpoint line whose signature is good. Raises ValueError for any other."""
    from cryptography.exceptions import InvalidSignature

    try:
        whole = json.loads(line)
        _key().public_key().verify(b64decode(whole["signature"]), whole["said"].encode())
        said: dict[str, Any] = json.loads(whole["said"])
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise ValueError("A checkpoint of the trail is damaged or was not written by this clinic.") from error
    return said


def public_key() -> bytes:
    """The key that checks checkpoints, as PEM: give it to whoever checks the trail from outside."""
    return _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _key() -> Ed25519PrivateKey:
    def make() -> bytes:
        return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    key = load_pem_private_key(settings.HOME.secret_bytes("trail_key.pem", make), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key

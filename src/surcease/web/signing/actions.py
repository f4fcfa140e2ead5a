"""Signing, and finding out whether what was signed still is what stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.signing.canonical import canonical, sha256
from surcease.web.signing.models import Meaning, Signature

METHODS = ("password", "totp", "passkey", "code")


@transaction.atomic
def sign(
    *,
    by: User,
    now: datetime,
    record_kind: str,
    record_id: UUID | str,
    version: int,
    content: Any,
    meaning: str,
    method: str,
    patient: UUID | None = None,
    reason: str = "",
) -> Signature:
    """Sign one version of one record. ``method`` is what ``stepup.show`` answered; without it nothing is signed.

    ``content`` is everything the signature stands for (frozen types, mappings, Decimals, days). A departure from a
    finding needs a reason. Call it in the transaction that writes the version.
    """
    if method not in METHODS:
        raise PermissionDenied("Show who you are before you sign.")
    if meaning == Meaning.OVERRIDE and not reason.strip():
        raise ValueError("Departing from a finding needs a reason: say why this person is different.")
    if meaning in (Meaning.VERIFY, Meaning.WITNESS, Meaning.COUNTERSIGN):
        refuse_same_person(by, record_kind=record_kind, record_id=record_id, version=version)
    text = canonical(content)
    row = Signature(
        record_kind=record_kind, record_id=str(record_id), version=version, content=text, sha256=sha256(text),
        meaning=meaning, reason=reason.strip(), signer=by, printed_name=by.printed_name, role=by.role, at=now,
        method=method, patient=patient,
    )  # fmt: skip
    row.save()
    about = {"record": f"{record_kind} {record_id}", "version": version, "meaning": str(meaning), "sha256": row.sha256}
    trail.write("sign", by=by, patient=patient, about=row, why=reason.strip(), details=about)
    return row


def signatures_of(record_kind: str, record_id: UUID | str, version: int | None = None) -> list[Signature]:
    """Signatures on a record, oldest first."""
    rows = Signature.objects.filter(record_kind=record_kind, record_id=str(record_id))
    return list((rows if version is None else rows.filter(version=version)).order_by("at"))


def refuse_same_person(by: User, *, record_kind: str, record_id: UUID | str, version: int) -> None:
    """Raise ValueError when ``by`` has signed this version already: two signatures are two people."""
    if any(row.signer_id == by.pk for row in signatures_of(record_kind, record_id, version)):
        raise ValueError("This needs a second person: you have signed this version yourself.")


def still_holds(signature: Signature, content: Any) -> bool:
    """Whether the content that stands now is, to the last digit, what was signed, and the signature is whole."""
    return signature.sha256 == sha256(signature.content) and signature.content == canonical(content)

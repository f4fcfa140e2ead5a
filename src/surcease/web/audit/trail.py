"""Writing the trail: a plain insert in the transaction of the act it tells of."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from surcease.web.audit.models import AuditRow

came_from: ContextVar[str] = ContextVar("came_from", default="server")


def write(
    action: str,
    *,
    by: Any,
    patient: Any = None,
    about: Any = None,
    why: str = "",
    broke_glass: bool = False,
    details: dict[str, Any] | None = None,
) -> AuditRow:
    """Who did ``action``, now, from where this request came.

    ``by`` is a User, or a word for what has no user ("server", "import"). ``about`` is the row that was read or
    written. Raises RuntimeError outside a transaction: then the row could stand without its act.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"The audit row of {action!r} must be written inside the transaction of its act.")
    row = AuditRow(
        at=timezone.now(),
        who=getattr(by, "pk", None),
        who_name=getattr(by, "printed_name", str(by or "nobody")),
        role=getattr(by, "role", "") or "server",
        action=action,
        patient=_patient_id(patient if patient is not None else getattr(about, "patient_id", None)),
        object_kind=about._meta.label_lower if about is not None else "",
        object_id=str(about.pk) if about is not None else "",
        came_from=came_from.get(),
        why=why.replace("\0", "\ufffd"),  # PostgreSQL keeps no NUL, and a search may hold one
        broke_glass=broke_glass,
        details=details or {},
    )
    row.save()
    return row


def _patient_id(patient: Any) -> UUID | None:
    return patient if patient is None or isinstance(patient, UUID) else patient.pk


def place_of(request: HttpRequest) -> str:
    """Where a request comes from: the address of the client, and the chair whose tablet it is."""
    from allauth.account.adapter import get_adapter

    address = get_adapter().get_client_ip(request) or "?"
    chair = request.session.get("chair") if hasattr(request, "session") else None
    return f"{address} chair {chair}" if chair else address

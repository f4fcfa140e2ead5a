"""Sample addresses of the ground's routes: what the matrix test fills into each route."""

from typing import Any

from surcease.web.papers.actions import keep
from surcease.web.worklist.actions import ask


def samples(world: Any) -> dict[str, dict[str, Any]]:
    """Route name → keyword arguments."""
    paper = keep(
        by=world.users.nurse, now=world.now, title="Letter", kind="letter", content=b"%PDF-1.7 test",
        media_type="application/pdf", patient=world.patient,
    )  # fmt: skip
    todo = ask(
        by="server", now=world.now, key="sample", kind="sample", what="Look at the letter", for_role="nurse",
        patient=world.patient,
    )  # fmt: skip
    person = {"patient_id": world.patient.pk}
    return {
        "accounts:first": {"token": "not-the-token"},
        "accounts:link": {"token": "not-a-link"},
        "accounts:person": {"user_id": world.users.nurse.pk},
        "accounts:badge": {"user_id": world.users.nurse.pk},
        "clinic:site": {"site_id": world.site.pk},
        "live:listen": {"kind": "none", "key": "none"},
        "worklist:take": {"todo_id": todo.pk},
        "worklist:give_back": {"todo_id": todo.pk},
        "worklist:end": {"todo_id": todo.pk},
        "audit:patient": person,
        "patients:page": person,
        "patients:particulars": person,
        "patients:limbs": person,
        "patients:link": person,
        "patients:glass": person,
        "papers:document": {"document_id": paper.pk},
        "account_reset_password_from_key": {"uidb36": "abc", "key": "set-password"},
        "account_confirm_email": {"key": "abc"},
        "mfa_remove_webauthn": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
    }

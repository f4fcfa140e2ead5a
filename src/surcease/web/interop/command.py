"""The import of the command line: a home made ready, the files kept, everyone in them taken in."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from surcease.fhir import Read
from surcease.fhir.strict import Source
from surcease.web.clinic.installation import give_birth, installation
from surcease.web.clinic.models import Site
from surcease.web.interop.actions import Outcome, accept, keep_batch


def import_files(sources: Sequence[Source], reads: Sequence[Read], *, site: str = "") -> list[Outcome]:
    """Keep the files and take everyone in. Raises ValueError when the site is not clear."""
    now = timezone.now()
    with transaction.atomic():
        batch = keep_batch(by="import", now=now, site=_site(site), sources=sources)
        return accept(by="import", now=now, batch=batch, reads=reads)


def is_demo() -> bool:
    """Whether the records go into a clinic of invented people."""
    row = installation()
    return row is not None and row.is_demo


def _site(name: str) -> Site:
    """The site whose team will see these people. The first import into an empty home makes it."""
    if installation() is None:
        give_birth(kind="real", organisation="Surcease")
        return Site.objects.create(name=name or "Main", zone=timezone.get_current_timezone_name())
    sites = list(Site.objects.filter(name=name) if name else Site.objects.order_by("name")[:2])
    if len(sites) == 1:
        return sites[0]
    known = ", ".join(Site.objects.order_by("name").values_list("name", flat=True))
    raise ValueError(f"The site is not clear: name one with --site, of {known or 'none yet'}.")

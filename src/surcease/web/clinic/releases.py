"""The knowledge this process runs on, kept as a row the first time it is seen: decisions point at it."""

from __future__ import annotations

from functools import lru_cache

from django.db import IntegrityError, transaction
from django.utils import timezone

from surcease.knowledge import Knowledge, load
from surcease.web.clinic.models import KnowledgeRelease


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """The knowledge that ships with this version."""
    return load()


def keep_release() -> KnowledgeRelease:
    """The row of the knowledge in use, made when there is none."""
    digest = knowledge().hash
    found = KnowledgeRelease.objects.filter(hash=digest).first()
    if found is not None:
        return found
    row = KnowledgeRelease(hash=digest, content=knowledge().canonical(), first_seen_at=timezone.now())
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another process was first
        return KnowledgeRelease.objects.get(hash=digest)
    return row

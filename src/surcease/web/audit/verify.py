"""Is the trail whole? Finds rows that were changed, removed, slipped in, reordered or cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from surcease.web.audit.models import AuditRow, ChainHead, Seal
from surcease.web.audit.seal import START, link, read_checkpoint

CHUNK = 2_000
UNSEALED_MAY_WAIT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in a sentence; ``seq`` is the link where it shows (0: no single one)."""

    seq: int
    kind: str  # changed | removed | added | reordered | cut off | checkpoint
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``checked`` links and ``checkpoints`` were looked at."""

    checked: int
    checkpoints: int
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(*, most_faults: int = 20) -> Verdict:
    """Walk the whole chain and every checkpoint. A million rows take less than a minute."""
    marks, faults = _checkpoints()
    checked, hashes = 0, {}
    for fault, seq, chain_hash in _walk():
        checked = max(checked, seq)
        if seq in marks:
            hashes[seq] = chain_hash
        if fault is not None and len(faults) < most_faults:
            faults.append(fault)
    faults += _against(marks, hashes, checked)
    faults += _loose_ends(checked)
    return Verdict(checked, len(marks), tuple(faults[:most_faults]))


def _walk() -> Iterator[tuple[Fault | None, int, str]]:
    """Each link: what is wrong with it, its number, the hash that stands there."""
    expected, previous = 1, START
    for seals, rows in _chunks():
        for seal in seals:
            yield _link_fault(seal, rows.get(seal.row_id), expected, previous), seal.seq, seal.hash
            expected, previous = seal.seq + 1, seal.hash


def _link_fault(seal: Seal, row: AuditRow | None, expected: int, previous: str) -> Fault | None:
    if seal.seq != expected:
        return Fault(seal.seq, "removed", f"Links {expected} to {seal.seq - 1} of the chain are missing.")
    if row is None:
        return Fault(seal.seq, "removed", f"The row of link {seal.seq} was removed.")
    if link(previous, seal.seq, row) != seal.hash:
        return Fault(seal.seq, "changed", f"The row of link {seal.seq} was changed or stands in another's place.")
    return None


def _chunks() -> Iterator[tuple[list[Seal], dict[int, AuditRow]]]:
    after = 0
    while seals := list(Seal.objects.filter(seq__gt=after).order_by("seq")[:CHUNK]):
        yield seals, AuditRow.objects.in_bulk([seal.row_id for seal in seals])
        after = seals[-1].seq


def _checkpoints() -> tuple[dict[int, str], list[Fault]]:
    marks: dict[int, str] = {}
    faults = []
    for file in sorted((settings.HOME / "audit/checkpoints").glob("*.jsonl")):
        for line in file.read_text().splitlines():
            try:
                said = read_checkpoint(line)
            except ValueError as error:
                faults.append(Fault(0, "checkpoint", f"{file.name}: {error}"))
                continue
            marks[said["seq"]] = said["hash"]
    return marks, faults


def _against(marks: dict[int, str], hashes: dict[int, str], checked: int) -> list[Fault]:
    """What the checkpoints say of the chain that stands."""
    faults = []
    last = max(marks, default=0)
    if last > checked:
        faults.append(Fault(checked, "cut off", f"The chain ends at link {checked}; it had reached {last}."))
    for seq, chain_hash in marks.items():
        if seq in hashes and hashes[seq] != chain_hash:
            faults.append(Fault(seq, "changed", f"Link {seq} is not the one that was signed: the chain was rewritten."))
    return faults


def _loose_ends(checked: int) -> list[Fault]:
    """The head disagrees with the chain, or rows have waited too long for their seal."""
    faults = []
    head: Any = ChainHead.objects.filter(id=1).first()
    if (head.seq if head else 0) != checked:
        faults.append(
            Fault(checked, "cut off", f"The chain's head says {head.seq if head else 0} links, {checked} stand.")
        )
    late = AuditRow.objects.filter(at__lt=timezone.now() - UNSEALED_MAY_WAIT)
    loose = late.filter(~Exists(Seal.objects.filter(row_id=OuterRef("id")))).count()
    if loose:
        faults.append(
            Fault(0, "added", f"{loose} rows older than two minutes have no seal: slipped in, or the sealer stopped.")
        )
    return faults

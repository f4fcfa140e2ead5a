"""What became of every resource that was read for one person: mapped, kept unmapped and why, left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Resources of one kind that have no place in the record; the file itself is kept."""

    resource: str  # FHIR type
    what: str  # the code's words, e.g. "Total Cholesterol"; "" when the whole type has no place
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The account of one person's import. ``read`` = ``mapped`` + ``unmapped``, for every resource type."""

    source: str  # file name
    sha256: str
    read: Mapping[str, int] = field(default_factory=dict)
    mapped: Mapping[str, int] = field(default_factory=dict)
    unmapped: tuple[Unmapped, ...] = ()
    notes: tuple[str, ...] = ()  # what a reader should know, e.g. opioids without a dose
    replaced_by: str = ""  # the record that this one was merged into, by its own system


class Tally:
    """Counts while a person's resources are mapped; :meth:`report` freezes it."""

    def __init__(self) -> None:
        self._read: Counter[str] = Counter()
        self._mapped: Counter[str] = Counter()
        self._unmapped: Counter[tuple[str, str, str]] = Counter()
        self._notes: dict[str, None] = {}
        self.replaced_by = ""

    def mapped(self, resource: str) -> None:
        """One resource became part of the record."""
        self._read[resource] += 1
        self._mapped[resource] += 1

    def unmapped(self, resource: str, what: str, why: str) -> None:
        """One resource did not, for this reason."""
        self._read[resource] += 1
        self._unmapped[resource, what, why] += 1

    def note(self, sentence: str) -> None:
        """A sentence for the reader, once."""
        self._notes[sentence] = None

    def report(self, source: str, sha256: str) -> Report:
        """The finished account."""
        kept = tuple(Unmapped(*key, count) for key, count in sorted(self._unmapped.items()))
        read, mapped = dict(sorted(self._read.items())), dict(sorted(self._mapped.items()))
        return Report(source, sha256, read, mapped, kept, tuple(self._notes), self.replaced_by)

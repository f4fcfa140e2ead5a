"""The person's record as frozen facts: what every floor above hands around.

The web's ``record.py`` seams turn rows into these; ``fhir/`` maps them to R4 and back; ``care/facts.py``
derives rule facts from them. Every clinical value knows when it was true and where it came from, and a
value that is not known is None, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from surcease.knowledge.fact import Fact

Day = date | datetime | None


class Sex(StrEnum):
    """Administrative sex, as FHIR has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Code:
    """One coding. ``system`` is the FHIR URI (http://snomed.info/sct, http://loinc.org, …)."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a statement came from: a bundle entry, a person, a device; ``ref`` finds it again."""

    kind: str  # import | staff | patient | device | computed
    ref: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is. ``identifiers`` are (system, value) pairs of other systems."""

    id: str
    family: str
    given: str
    born: date | None
    sex: Sex = Sex.UNKNOWN
    deceased: bool | None = None
    died: date | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    language: str = ""
    zone: str = ""  # IANA
    phone: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        """Given and family name as printed."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis or problem. ``status`` active | inactive | resolved | unknown; ``verified`` False = refuted."""

    codes: tuple[Code, ...]
    text: str = ""
    status: str = "unknown"
    onset: Day = None
    ended: Day = None
    verified: bool | None = None
    note: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    """One medicine's dose: amount per take and takes per day, or a rate; PRN keeps its maximum as per_day."""

    amount: Decimal
    unit: str  # mg, ug/h …
    per_day: Decimal | None = None
    as_needed: bool = False
    route: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine on the list. ``dose`` None means the dose is not known, which is not zero."""

    codes: tuple[Code, ...]
    text: str
    status: str = "unknown"  # active | stopped | completed | on-hold | intended | unknown
    dose: Dose | None = None
    started: Day = None
    stopped: Day = None
    changed: Day = None
    directions: str = ""  # how to take it, in the words of the order; may stand where no dose can be read
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Ketamine that was given in one session: what a course and its limits are counted from.

    ``amount_mg`` None means the total is not known. ``session`` is our session's id, "" for another clinic's.
    """

    substance: str  # racemic | s_ketamine | r_ketamine
    route: str
    amount_mg: Decimal | None
    started: datetime
    ended: datetime | None = None
    session: str = ""
    completed: bool = True
    note: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy or intolerance. No row is "not asked"; ``none_known`` is an answer."""

    codes: tuple[Code, ...]
    text: str
    status: str = "active"
    reaction: str = ""
    none_known: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured number, in the unit it came in. ``name`` is ours (weight, systolic, alt …), "" if unmapped."""

    name: str
    value: Decimal | None
    unit: str
    at: Day
    codes: tuple[Code, ...] = ()
    text: str = ""  # a coded or worded result
    absent: str = ""  # why there is no value
    upper_normal: Decimal | None = None
    result: tuple[Code, ...] = ()  # a coded result, e.g. Not pregnant
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """A filled-in instrument. ``items`` by item id; a skipped item is absent or None, never 0."""

    instrument: str
    version: str
    items: Mapping[str, Decimal | str | bool | tuple[str, ...] | None]
    at: Day
    score: Decimal | None = None  # as reported by another system, when items did not come
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """What a person said about one moment or one day. ``kind``: average (last 24 hours), now, pulse, bad_day."""

    entry_id: str
    kind: str
    at: datetime
    local_date: date
    utc_offset_min: int
    received_at: datetime
    pain: Decimal | None = None
    site: str = ""
    values: Mapping[str, Decimal | str | bool | None] = field(default_factory=dict)
    late: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A signed judgement with everything it stood on, reproducible years later."""

    kind: str  # eligibility | plan | go | discharge | review
    outcome: str
    at: datetime
    by: str
    knowledge: str  # hash of the knowledge release
    findings: tuple[str, ...] = ()  # ids that counted
    overrides: tuple[tuple[str, str], ...] = ()  # rule id, reason
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an order: an amount over a time or a rate for a time, after the previous one."""

    text: str  # the regimen text as computed, e.g. "21.7 mg/h for 4 h iv"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. The order of a session is the signed plan; nothing outside it is given."""

    plan_id: str
    version: int
    protocol: str
    product: str
    route: str
    weight_kg: Decimal
    weight_basis: str  # actual | ideal | adjusted
    regimen: str  # the whole course as regimen text
    session_steps: tuple[Step, ...]
    sessions: int
    interval: str
    rate_cap_mg_per_h: Decimal | None
    session_cap_mg: Decimal | None
    endpoint: str
    stop_rule: str
    multimodal: Mapping[str, str] = field(default_factory=dict)
    signed_by: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything known of one person, as rules and summaries read it."""

    person: Person
    conditions: tuple[Condition, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    answers: tuple[Answers, ...] = ()
    diary: tuple[DiaryEntry, ...] = ()
    given: tuple[Given, ...] = ()
    statements: Mapping[str, Fact] = field(default_factory=dict)  # answers to intake questions, by fact name

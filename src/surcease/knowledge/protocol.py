"""A dosing protocol as frozen data: one YAML file per protocol in protocols/, read and checked here.

Amounts are quantities with units (``0.35 mg/kg/h``), never bare numbers. A field whose support differs from the
protocol's own source is named in ``grades`` (``assumption`` or ``site_default``); a cap that is not stated is null,
which is not zero and not "no limit": the general limits still hold.

>>> p01 = load_protocols()["P01"]
>>> str(p01.target.amount), str(p01.caps["rate_mg_per_h"]), p01.grade_of("steps")
('0.35 mg/kg/h', '25 mg/h', 'assumption')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surcease.knowledge.library import load
from surcease.knowledge.product import Product
from surcease.knowledge.yaml import KnowledgeError
from surcease.units import Quantity

if TYPE_CHECKING:
    from surcease.knowledge.library import Knowledge

SETTINGS = ("outpatient", "inpatient", "icu", "emergency", "home")
PURPOSES = ("treatment", "test", "reference", "icu")
GRADES = ("published", "assumption", "site_default")
CAPS: dict[str, str] = {  # name -> unit its value is given in
    "rate_mg_per_kg_h": "mg/kg/h", "rate_mg_per_h": "mg/h", "session_mg": "mg", "session_mg_per_kg": "mg/kg",
    "day_mg": "mg", "day_mg_per_kg": "mg/kg", "course_mg": "mg",
    "sprays_per_episode": "1", "sprays_per_day": "1", "sprays_per_week": "1",
}  # fmt: skip
_REQUIRED = (
    "id", "version", "effective", "title", "conditions", "product", "route", "setting", "purpose", "weight_basis",
    "start", "steps", "increment", "stay", "wean", "hold", "target_effect", "caps", "programme", "sessions",
    "premedication", "observation", "booster", "evidence", "source", "grades",
)  # fmt: skip
_OPTIONAL = ("note", "alternatives")


@dataclass(frozen=True, slots=True)
class ProtocolDose:
    """One dose level. A rate lasts (``lasts``), an amount runs ``over`` a time or is taken ``takes`` times a day;
    ``daily_total`` means the amount is the whole day's, divided among the takes."""

    amount: Quantity
    over: Quantity | None = None
    lasts: Quantity | None = None
    shortest: Quantity | None = None
    longest: Quantity | None = None
    takes: int = 0
    daily_total: bool = False
    from_session: int = 1

    @property
    def is_rate(self) -> bool:
        """Whether the amount is a rate (mg/h, mg/kg/h, mcg/kg/min)."""
        return self.amount.unit.rsplit("/", 1)[-1] in ("h", "min")

    @property
    def per_kg(self) -> bool:
        """Whether the amount scales with weight."""
        return "/kg" in self.amount.unit


@dataclass(frozen=True, slots=True)
class Increment:
    """Titration: add so much, no sooner than ``every``, up to the cap."""

    add: Quantity
    every: Quantity


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many sessions, in which rhythm, and how far apart at least. ``count`` None: not fixed."""

    count: int | None
    rhythm: str  # once | weekdays | daily | weekly | continuous | as_needed …
    every: Quantity | None
    min_interval: Quantity | None


@dataclass(frozen=True, slots=True)
class Premedication:
    """A drug given before or beside, as the protocol's source did it."""

    drug: str
    dose: Quantity
    route: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Protocol:
    """One dated, versioned way of giving ketamine. ``steps`` are explicit levels after ``start``; ``increment`` is
    open titration; ``stay`` how long a continuous infusion lasts; ``wean`` (least, most) how it ends."""

    id: str
    version: int
    effective: str
    title: str
    conditions: tuple[str, ...]
    product: str
    route: tuple[str, ...]
    setting: str
    purpose: str
    weight_basis: str  # dosing (rule DOS-08) | fixed
    start: ProtocolDose
    steps: tuple[ProtocolDose, ...]
    increment: Increment | None
    stay: Quantity | None
    wean: tuple[Quantity, Quantity] | None
    hold: tuple[str, ...]
    target_effect: str
    caps: Mapping[str, Quantity]
    programme: Mapping[str, Any]
    sessions: Sessions
    premedication: tuple[Premedication, ...]
    observation: Quantity
    booster: str
    evidence: Mapping[str, str]
    source: tuple[str, ...]
    made_of: Product  # the product, as data
    grades: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    alternatives: tuple[ProtocolDose, ...] = ()

    @property
    def target(self) -> ProtocolDose:
        """The highest explicit level: the last step, or the start where there is none."""
        return self.steps[-1] if self.steps else self.start

    @property
    def levels(self) -> tuple[ProtocolDose, ...]:
        """Start and explicit steps."""
        return (self.start, *self.steps)

    @property
    def is_continuous(self) -> bool:
        """Whether it is one stay on a running infusion rather than separate sessions."""
        return self.stay is not None

    def grade_of(self, name: str) -> str:
        """How a field (or a part of it, as ``steps.3`` or ``caps.course_mg``) is supported: published, assumption or
        site_default. A part without a grade of its own has the field's."""
        return self.grades.get(name) or self.grades.get(name.split(".")[0], "published")

    def selectable(self, setting: str) -> bool:
        """Whether it can be picked for treatment in this setting. Reference and ICU protocols never can in a clinic."""
        if self.purpose == "reference" or (self.purpose == "icu" and setting != "icu"):
            return False
        return setting == self.setting or (setting == "inpatient" and self.setting == "outpatient")


def protocols_for(setting: str, protocols: Iterable[Protocol] | None = None) -> tuple[Protocol, ...]:
    """The protocols that may be picked in a setting, by id."""
    known = load_protocols().values() if protocols is None else protocols
    return tuple(sorted((p for p in known if p.selectable(setting)), key=lambda p: p.id))


def load_protocols() -> Mapping[str, Protocol]:
    """Every protocol of the installed knowledge by id."""
    return load().schemes


def protocols_in(knowledge: Knowledge) -> Mapping[str, Protocol]:
    """Every protocol of a knowledge release by id; KnowledgeError names the file and key that cannot be used."""
    found = [(path.rpartition("/")[2], raw) for path, raw in knowledge.under("protocols") if isinstance(raw, Mapping)]
    return {
        raw["id"]: read_protocol(raw, where=name, sources=knowledge.sources, products=knowledge.products)
        for name, raw in found
    }


def excluded_in(knowledge: Knowledge) -> tuple[Mapping[str, str], ...]:
    """Published regimens that were left out on purpose, and why: id, title, why, source."""
    return tuple(knowledge.documents["protocols/excluded.yaml"])


def read_protocol(
    raw: Mapping[str, Any], *, where: str, sources: Mapping[str, Any], products: Mapping[str, Product]
) -> Protocol:
    """Check and freeze one protocol document."""
    _check_keys(raw, where)
    if unknown := sorted(set(raw["source"]) - set(sources)):
        raise KnowledgeError(f"{where}: source: {unknown[0]!r} is not a key of sources.yaml: add it there.")
    if raw["id"] != where.removesuffix(".yaml"):
        raise KnowledgeError(f"{where}: the id {raw['id']!r} is not the file's name: name the file {raw['id']}.yaml.")
    try:
        return _freeze(raw, products[raw["product"]])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KnowledgeError(f"{where}: {error}") from None


def _check_keys(raw: Mapping[str, Any], where: str) -> None:
    missing = [key for key in _REQUIRED if key not in raw]
    if missing:
        raise KnowledgeError(f"{where}: {missing[0]!r} is missing: write it, null where the source does not say.")
    extra = sorted(set(raw) - set(_REQUIRED) - set(_OPTIONAL))
    if extra:
        raise KnowledgeError(f"{where}: the key {extra[0]!r} is not known: use {', '.join((*_REQUIRED, *_OPTIONAL))}.")
    for key, allowed in (("setting", SETTINGS), ("purpose", PURPOSES), ("weight_basis", ("dosing", "fixed"))):
        if raw[key] not in allowed:
            raise KnowledgeError(f"{where}: {key} is {raw[key]!r}: use {', '.join(allowed)}.")
    for name, grade in raw["grades"].items():
        if grade not in GRADES or name.split(".")[0] not in raw:
            raise KnowledgeError(f"{where}: grades: {name}: {grade!r}: name a field and one of {', '.join(GRADES)}.")


def _freeze(raw: Mapping[str, Any], product: Product) -> Protocol:
    plain = {key: raw[key] for key in ("id", "effective", "setting", "purpose", "weight_basis", "product")}
    wean, target, increment = raw["wean"], raw["target_effect"], raw["increment"]
    return Protocol(
        **plain, made_of=product,
        version=int(raw["version"]), title=raw["title"]["en"],
        conditions=tuple(raw["conditions"]), route=tuple(raw["route"]),
        start=_dose(raw["start"]), steps=tuple(map(_dose, raw["steps"])),
        increment=Increment(_quantity(increment["add"]), _quantity(increment["every"])) if increment else None,
        stay=_maybe(raw["stay"]), wean=(_quantity(wean["least"]), _quantity(wean["most"])) if wean else None,
        hold=tuple(raw["hold"]), target_effect=target["en"] if target else "",
        caps=_caps(raw["caps"]), programme=dict(raw["programme"] or {}), sessions=_sessions(raw["sessions"]),
        premedication=tuple(map(_premedication, raw["premedication"])),
        observation=_quantity(raw["observation"]), booster=raw["booster"]["en"], evidence=dict(raw["evidence"]),
        source=tuple(raw["source"]), grades=dict(raw["grades"]), note=(raw.get("note") or {}).get("en", ""),
        alternatives=tuple(map(_dose, raw.get("alternatives", ()))),
    )  # fmt: skip


def _dose(raw: Mapping[str, Any]) -> ProtocolDose:
    known = {"dose", "over", "for", "shortest", "longest", "takes", "per", "from_session"}
    if extra := set(raw) - known:
        raise ValueError(f"a dose has the key {min(extra)!r}: use {', '.join(sorted(known))}.")
    return ProtocolDose(
        _quantity(raw["dose"]), _maybe(raw.get("over")), _maybe(raw.get("for")), _maybe(raw.get("shortest")),
        _maybe(raw.get("longest")), int(raw.get("takes", 0)), raw.get("per") == "day", int(raw.get("from_session", 1)),
    )  # fmt: skip


def _sessions(raw: Mapping[str, Any]) -> Sessions:
    count = raw["count"]
    return Sessions(
        None if count is None else int(count), raw["rhythm"], _maybe(raw["every"]), _maybe(raw["min_interval"])
    )


def _premedication(raw: Mapping[str, Any]) -> Premedication:
    return Premedication(raw["drug"], _quantity(raw["dose"]), raw["route"], int(raw.get("times", 1)))


def _caps(raw: Mapping[str, Any]) -> dict[str, Quantity]:
    if extra := set(raw) - set(CAPS):
        raise ValueError(f"caps: {min(extra)!r} is not known: use {', '.join(CAPS)}.")
    return {name: Quantity.of(value, CAPS[name]) for name, value in raw.items() if value is not None}


def _quantity(text: str) -> Quantity:
    """``0.35 mg/kg/h`` as a quantity."""
    value, _, unit = text.partition(" ")
    return Quantity.of(value, unit)


def _maybe(text: str | None) -> Quantity | None:
    return None if text is None else _quantity(text)

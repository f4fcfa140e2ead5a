"""Rescue cards: the steps, and the site's drugs with the doses a pharmacist entered; never a dose of our own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from surcease.knowledge.library import Knowledge
from surcease.units import plain, say_unit

DOCUMENT = "limits/rescue.yaml"


@dataclass(frozen=True, slots=True)
class SiteDose:
    """One drug of the site's rescue formulary, entered by a named pharmacist. ``repeat_min`` and ``most`` (in a
    session, same unit) may stay open."""

    card: str
    drug: str
    amount: Decimal
    unit: str
    route: str
    entered_by: str
    entered_on: date
    repeat_min: Decimal | None = None
    most: Decimal | None = None

    @property
    def words(self) -> str:
        """The dose as the card shows it."""
        text = f"{plain(self.amount)} {say_unit(self.unit)} {self.route}".strip()
        text += f", again after {plain(self.repeat_min)} min" if self.repeat_min is not None else ""
        text += f", at most {plain(self.most)} {say_unit(self.unit)} in a session" if self.most is not None else ""
        return f"{text} (entered by {self.entered_by}, {self.entered_on.isoformat()})"


@dataclass(frozen=True, slots=True)
class CardDrug:
    """One drug line of a card. ``dose`` says "dose not set" until somebody set it."""

    drug: str
    dose: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class RescueCard:
    """What is shown for a problem. Nothing on it is given by the system."""

    id: str
    title: str
    steps: tuple[str, ...]
    drugs: tuple[CardDrug, ...]


def cards_for(
    problems: Iterable[str], *, formulary: Iterable[SiteDose], knowledge: Knowledge
) -> tuple[RescueCard, ...]:
    """The cards of the problems charted, in the order of their ids; ValueError names a problem without a card."""
    document = knowledge.documents[DOCUMENT]
    wanted = set(problems)
    if unknown := wanted - {p for card in document["cards"].values() for p in card["problems"]}:
        raise ValueError(f"There is no rescue card for {min(unknown)!r}: call the supervising clinician.")
    doses = tuple(formulary)
    return tuple(
        _card(name, doses, knowledge)
        for name, card in sorted(document["cards"].items())
        if wanted & set(card["problems"])
    )


def refuse_dose(dose: SiteDose, *, knowledge: Knowledge) -> str:
    """Why an entry cannot stand in the formulary, in one sentence; empty when it can."""
    card = knowledge.documents[DOCUMENT]["cards"].get(dose.card)
    if card is None or dose.drug not in card["drugs"]:
        allowed = ", ".join(card["drugs"]) if card else "no drug"
        return f"{dose.drug} does not belong to card {dose.card}: it lists {allowed}."
    if dose.amount <= 0 or not dose.unit or not dose.route:
        return f"{dose.drug} needs an amount above 0, a unit and a route."
    if dose.most is not None and dose.most < dose.amount:
        return f"{dose.drug}: the most in a session, {plain(dose.most)}, is less than one dose, {plain(dose.amount)}."
    if not dose.entered_by.strip():
        return f"{dose.drug} needs the name of the pharmacist who enters it."
    return ""


def unset(formulary: Iterable[SiteDose], *, knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    """Card and drug of every line that still says "dose not set"."""
    known = {(d.card, d.drug) for d in formulary}
    cards = knowledge.documents[DOCUMENT]["cards"]
    lines = ((name, drug) for name, card in sorted(cards.items()) for drug in card["drugs"])
    return tuple(line for line in lines if line not in known)


def _card(name: str, formulary: tuple[SiteDose, ...], knowledge: Knowledge) -> RescueCard:
    document = knowledge.documents[DOCUMENT]
    card = document["cards"][name]
    drugs = []
    for drug in card["drugs"]:
        entries = [d for d in formulary if (d.card, d.drug) == (name, drug)]
        newest = max(entries, key=lambda d: d.entered_on, default=None)
        words = document["dose_not_set"]["en"] if newest is None else newest.words
        drugs.append(CardDrug(drug, words, newest is not None))
    return RescueCard(name, knowledge.rule(name).title, tuple(s["en"] for s in card["steps"]), tuple(drugs))

"""The rescue cards of open marks, and what the rules say of a drug before it is given."""

from __future__ import annotations

from datetime import datetime

from surcease.care.facts import derive
from surcease.care.rescue import RescueCard, cards_for
from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.finding import Outcome
from surcease.knowledge.protocol import load_protocols
from surcease.web.limits.queries import limits_for
from surcease.web.patients.record import make_record
from surcease.web.treatment.queries import Sheet

CARDS = "limits/rescue.yaml"


def card(card_id: str) -> RescueCard | None:
    """The card of a mark, its drugs with the site's doses or "dose not set"; None when the mark has none."""
    raw = load().documents[CARDS]["cards"].get(card_id)
    cards = cards_for(raw["problems"], formulary=(), knowledge=load()) if raw else ()
    return next((c for c in cards if c.id == card_id), None)


def drugs_named(protocol_id: str) -> tuple[str, ...]:
    """What may be offered in the list of drugs: the protocol's premedication, then the cards' drugs."""
    protocol = load_protocols().get(protocol_id)
    own = [p.drug for p in protocol.premedication] if protocol else []
    cards = load().documents[CARDS]["cards"].values()
    return tuple(dict.fromkeys([*own, *(drug for card in cards for drug in card["drugs"])]))


def asked_about(sheet: Sheet, drug: str, *, now: datetime) -> dict[str, str]:
    """What stands against giving ``drug`` to this person now, and that a named physician's decision lets it pass.

    A drug that was given is charted all the same: the sentence stands beside the name of who decided.
    """
    session, knowledge = sheet.session, load()
    known = derive(make_record(session.patient), now=now, knowledge=knowledge).known
    said_now = {"proposed_drug": Fact(drug.strip().lower(), at=now)}
    if sheet.latest is not None and sheet.latest.heart_rate is not None:
        said_now["heart_rate_now"] = Fact(sheet.latest.heart_rate, "/min", now)
    facts = Facts({**known, **said_now})
    rules = [r for r in knowledge.rules if r.topic == "rescue" and r.kind == "rule"]
    found = evaluate(rules, facts, now=now, overrides=limits_for(session.patient, session.site, now=now))
    heavy = [f for f in found if f.counts and f.outcome.rank <= Outcome.REVIEW.rank]
    against = sorted(heavy, key=lambda f: f.outcome.rank)
    said = " ".join(f"{f.say} {f.do}" for f in against)
    return {"said": said, "needs": "ordered_by" if said else ""}

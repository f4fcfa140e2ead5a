"""`surcease mme MEDS.json`: morphine milligram equivalents of a medicine list, line by line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surcease.cli.say import one_sentence, print_json

if TYPE_CHECKING:
    from surcease.care.mme import Mme
    from surcease.care.record import Medication

KEYS = {"text", "rxcui", "dose", "unit", "per_day", "route", "as_needed", "status"}
_HELP = (
    "JSON: a list of {text?, rxcui?, dose, unit, per_day, route, as_needed?, status?} (or {medicines: […]}), "
    "or FHIR R4: a Bundle, one MedicationRequest or MedicationStatement, or a list of them. "
    "A dose that is left out is unknown, never 0; a patch is given by its rate in mcg/h."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("mme")(mme)


def mme(
    meds: Annotated[Path, typer.Argument(help=_HELP)],
    edition: Annotated[str, typer.Option(help="Table: 2022, or 2016 for old records.")] = "2022",
    on: Annotated[str, typer.Option(help="The day the list is read for (ISO date; default today).")] = "",
    products: Annotated[Path | None, typer.Option(help="CSV of the site: rxcui,ingredient_rxcui.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Equivalents a day of every opioid on the list. What cannot be calculated says why; it is never 0."""
    from surcease.care.mme import mme as compute
    from surcease.knowledge.formulary import formulary
    from surcease.units import plain

    with one_sentence(ValueError, OSError):
        today = _day(on)
        drugs = formulary().with_products(products) if products else None
        result = compute(read_medicines(meds), today=today, edition=edition, drugs=drugs)
    if as_json:
        print_json("mme/1", _body(result))
        return
    for line in result.lines:
        amount = line.why
        if line.mme is not None and line.factor is not None:
            amount = f"{line.daily} × {plain(line.factor)} = {plain(line.mme)} MME"
        notes = f" ({'; '.join(line.notes)})" if line.notes else ""
        typer.echo(f"{line.medicine}: {amount}{notes}")
    typer.echo(f"{result.status} [{result.title}]")
    advice = {True: "advised", False: "not advised by this rule", None: "open"}[result.naloxone]
    typer.echo(f"Naloxone: {advice}. {result.naloxone_why}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).astimezone().date()
    except ValueError:
        raise ValueError(f"The day {text!r} is not a date: write 2026-01-31.") from None


def read_medicines(path: Path) -> tuple[Medication, ...]:
    """The medicines of a file in one of the accepted shapes; ValueError says what is allowed."""
    from surcease.fhir.strict import parse, read_source

    source = read_source(path)
    raw = parse(source.text, source.name)
    if isinstance(raw, dict) and "medicines" in raw:
        raw = raw["medicines"]
    entries = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(e, dict) for e in entries):
        raise ValueError(f"{path.name} is not a list of medicines: `surcease mme --help` shows the accepted shapes.")
    if any("resourceType" in e for e in entries):
        return _of_fhir(entries, path.name)
    return tuple(_plain(e, i, path.name) for i, e in enumerate(entries, start=1))


def _plain(entry: dict[str, Any], number: int, name: str) -> Medication:
    from surcease.care.record import Code, Dose, Medication
    from surcease.knowledge.formulary import RXNORM

    where = f"{name}, medicine {number}"
    if extra := set(entry) - KEYS:
        raise ValueError(f"{where}: the key {min(extra)!r} is not known: use {', '.join(sorted(KEYS))}.")
    text, rxcui = entry.get("text") or "", entry.get("rxcui")
    if not text and not rxcui:
        raise ValueError(f"{where}: give its text, its rxcui, or both.")
    amount, per_day = (_number(entry.get(key), f"{where}: {key}") for key in ("dose", "per_day"))
    dose = None
    if amount is not None:
        unit, route = str(entry.get("unit") or ""), str(entry.get("route") or "")
        dose = Dose(amount, unit, per_day, entry.get("as_needed") is True, route)
    codes = (Code(RXNORM, str(rxcui)),) if rxcui else ()
    return Medication(codes, str(text or f"RxNorm {rxcui}"), str(entry.get("status") or "active"), dose)


def _number(raw: Any, where: str) -> Decimal | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str):
        raise ValueError(f"{where}: {raw!r} is not a number: write digits, such as 7.5.")
    try:
        number = Decimal(raw)
    except ArithmeticError:
        raise ValueError(f"{where}: {raw!r} is not a number: write digits, such as 7.5.") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{where}: {raw} is not an amount: it must be above zero.")
    return number


def _of_fhir(entries: list[dict[str, Any]], name: str) -> tuple[Medication, ...]:
    """The medicines of one person's FHIR resources; orders that name nobody are taken as one person's list."""
    from surcease.care.record import Medication
    from surcease.fhir.read import read_sources
    from surcease.fhir.strict import Source
    from surcease.knowledge.library import canonical

    resources = [r for e in entries for r in (_inside(e) if e.get("resourceType") == "Bundle" else [e])]
    if not any(r.get("resourceType") == "Patient" or "subject" in r for r in resources):
        nobody = {"reference": "Patient/list"}
        resources = [{"resourceType": "Patient", "id": "list"}, *({**r, "subject": nobody} for r in resources)]
    wrapped = [{"fullUrl": f"urn:entry:{i}", "resource": r} for i, r in enumerate(resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": wrapped}
    people = read_sources([Source(name, "", canonical(bundle))])
    if len(people) > 1:
        raise ValueError(f"{name} holds the medicines of {len(people)} people: give one person's list at a time.")
    left_out = ("its source marked", "it orders that", "it supplies")  # rightly not on a list of what is taken
    unread = [
        u for p in people for u in p.report.unmapped
        if u.resource in ("MedicationRequest", "MedicationStatement") and not u.why.startswith(left_out)
    ]  # fmt: skip
    return tuple(m for p in people for m in p.record.medications) + tuple(
        Medication((), f"an order that could not be read ({u.why})", "active") for u in unread
    )


def _inside(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [e["resource"] for e in bundle.get("entry", ()) if isinstance(e.get("resource"), dict)]


def _body(result: Mme) -> dict[str, Any]:
    return {
        "edition": result.edition,
        "edition_title": result.title,
        "mme": result.total,
        "at_least": result.at_least,
        "calculable": result.total is not None,
        "status": result.status,
        "lines": [
            {
                "medicine": x.medicine, "drug": x.drug, "route": x.route or None,
                "daily": None if x.daily is None else {"value": x.daily.value, "unit": x.daily.unit},
                "factor": x.factor, "mme": x.mme, "why": x.why or None, "notes": list(x.notes),
            }
            for x in result.lines
        ],
        "unrecognised": list(result.unrecognised),
        "benzodiazepines": list(result.benzodiazepines),
        "opioid_with_benzodiazepine": result.opioid_with_benzodiazepine,
        "naloxone": {"advised": result.naloxone, "why": result.naloxone_why, "on_list": result.naloxone_on_list},
    }  # fmt: skip

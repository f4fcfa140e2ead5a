"""Conditions, allergies, medicines and measurements → R4."""

from __future__ import annotations

from typing import Any

from surcease.care.record import Allergy, Condition, Dose, Measurement, Medication
from surcease.fhir.book import book
from surcease.fhir.elements import LOINC, Json
from surcease.fhir.own import MEASUREMENT, added, concept, extension, iso, origin_extension, quantity

_HL7 = "http://terminology.hl7.org/CodeSystem"


def condition(c: Condition, subject: Json) -> Json:
    """A Condition. A status FHIR does not allow beside an end stands in an extension."""
    made: Json = {"resourceType": "Condition", "extension": [origin_extension(c.origin)]}
    status = c.status
    if c.ended is not None and status not in ("inactive", "resolved"):
        made["extension"].append(extension("status", valueCode=status))
        status = "resolved"
    if status != "unknown":
        made["clinicalStatus"] = _coded("condition-clinical", status)
    if c.verified is not None:
        made["verificationStatus"] = _coded("condition-ver-status", "confirmed" if c.verified else "refuted")
    made |= {"code": concept(c.codes, c.text), "subject": subject}
    made |= {n: iso(d) for n, d in (("onsetDateTime", c.onset), ("abatementDateTime", c.ended)) if d is not None}
    return made | ({"note": [{"text": c.note}]} if c.note else {})


def allergy(a: Allergy, subject: Json) -> Json:
    """An AllergyIntolerance. "None known" carries the code that says so."""
    made: Json = {"resourceType": "AllergyIntolerance", "extension": [origin_extension(a.origin)]}
    refuted = a.status == "refuted"
    made["clinicalStatus"] = _coded("allergyintolerance-clinical", "inactive" if refuted else a.status)
    if refuted:
        made["verificationStatus"] = _coded("allergyintolerance-verification", "refuted")
    if a.none_known:
        made["extension"].append(extension("none-known", valueBoolean=True))
    made |= {"code": concept(a.codes, a.text), "patient": subject}
    return made | ({"reaction": [{"manifestation": [{"text": a.reaction}]}]} if a.reaction else {})


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}]}


def medication(m: Medication, subject: Json) -> Json:
    """A MedicationStatement: a list of medicines, not an order. No dosage where no dose is known."""
    made: Json = {"resourceType": "MedicationStatement", "extension": [origin_extension(m.origin)]}
    if m.changed is not None:
        made["extension"].append(extension("changed", valueDateTime=iso(m.changed)))
    made |= {"status": m.status, "medicationCodeableConcept": concept(m.codes, m.text), "subject": subject}
    period = {n: iso(d) for n, d in (("start", m.started), ("end", m.stopped)) if d is not None}
    if period:
        made["effectivePeriod"] = period
    dosage: Json = {"text": m.directions} if m.directions else {}
    if m.dose is not None:
        dosage |= _dosage(m.dose)
    return made | ({"dosage": [dosage]} if dosage else {})


def _dosage(dose: Dose) -> Json:
    """The dose; how many takes a day also as an exact number, because a frequency is a whole one."""
    exact = [extension("dose-text", valueString=dose.text)] if dose.text else []
    made: Json = {}
    if dose.per_day is not None:
        exact.append(extension("per-day", valueDecimal=dose.per_day))
        if dose.per_day == dose.per_day.to_integral_value() and dose.per_day > 0:
            made["timing"] = {"repeat": {"frequency": int(dose.per_day), "period": 1, "periodUnit": "d"}}
    if dose.as_needed:
        made["asNeededBoolean"] = True
    if dose.route:
        codes = [c for c, ours in book().routes.items() if ours == dose.route and c.isdecimal()]
        made["route"] = concept((), dose.route, *[added("http://snomed.info/sct", c) for c in codes[:1]])
    made["doseAndRate"] = [{"doseQuantity": quantity(dose.amount, dose.unit)}]
    return ({"extension": exact} if exact else {}) | made


def measurement(m: Measurement, subject: Json) -> Json:
    """An Observation with its codes, our name, and LOINC beside it where the record has no code."""
    made: Json = {"resourceType": "Observation", "extension": [origin_extension(m.origin)], "status": "final"}
    made |= {"code": _code_of(m), "subject": subject}
    if m.at is not None:
        made["effectiveDateTime"] = iso(m.at)
    made |= _value(m)
    if m.absent:
        made["dataAbsentReason"] = {"text": m.absent}
    if m.upper_normal is not None:
        made["referenceRange"] = [{"high": quantity(m.upper_normal, m.unit)}]
    return made


def _code_of(m: Measurement) -> Json:
    named = book().measurements.get(m.name)
    extra = [added(MEASUREMENT, m.name, named.label if named else "")] if m.name else []
    if named and not m.codes:
        extra += [added(system, code) for system, code in named.codes[:1] if system == LOINC]
    words = "" if m.codes or extra else "result"
    return concept(m.codes, words, *extra)


def _value(m: Measurement) -> dict[str, Any]:
    if m.value is not None:
        made: dict[str, Any] = {"valueQuantity": quantity(m.value, m.unit)}
        return made | ({"interpretation": [{"text": m.text}]} if m.text else {})
    if m.result:
        return {"valueCodeableConcept": concept(m.result, m.text)}
    return {"valueString": m.text} if m.text else {}

"""The tables: who a person is, the base of clinical rows, and what is known of them."""

from surcease.web.patients.models.person import (
    BannerItem,
    BrokenGlass,
    CareRelation,
    Identifier,
    Patient,
    PatientChange,
    folded,
)
from surcease.web.patients.models.record import (
    AllergyRow,
    AnswersRow,
    ConditionRow,
    Consent,
    LimbRestriction,
    MeasurementRow,
    MedicationRow,
    StatementRow,
)
from surcease.web.patients.models.row import ClinicalQuerySet, ClinicalRow

__all__ = [
    "AllergyRow",
    "AnswersRow",
    "BannerItem",
    "BrokenGlass",
    "CareRelation",
    "ClinicalQuerySet",
    "ClinicalRow",
    "ConditionRow",
    "Consent",
    "Identifier",
    "LimbRestriction",
    "MeasurementRow",
    "MedicationRow",
    "Patient",
    "PatientChange",
    "StatementRow",
    "folded",
]

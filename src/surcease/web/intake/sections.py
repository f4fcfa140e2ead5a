"""The questions of intake in the order of the page, by the names of the dictionary of facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from surcease.knowledge import load
from surcease.knowledge.facts import FactSpec


@dataclass(frozen=True, slots=True)
class Section:
    """A sitting of questions."""

    key: str
    title: str
    names: tuple[str, ...]

    @property
    def specs(self) -> tuple[FactSpec, ...]:
        """The questions, without those the knowledge does not have."""
        known = load().facts
        return tuple(known[n] for n in self.names if n in known and known[n].owner != "computed")


SECTIONS = (
    Section("pain", str(_("Pain")), ("indication", "pain_weeks", "failed_classes")),
    Section(
        "history",
        str(_("History")),
        (
            "history_physical_done",
            "psychiatric_history_done",
            "substance_history_done",
            "medication_list_done",
            "allergy_list_done",
            "opioid_weaning_plan",
            "hypertension",
            "diabetes",
            "smoker",
            "dyslipidaemia",
            "chronic_kidney_disease",
            "ischaemic_heart_disease",
            "cerebrovascular_disease",
            "compensated_heart_failure",
            "liver_risk",
            "liver_moderate",
            "glaucoma",
            "glaucoma_state",
            "bipolar_disorder",
            "dementia",
            "substance_misuse_past",
            "osa_untreated",
            "childbearing_potential",
            "pregnant",
            "breast_feeding",
        ),
    ),
    Section(
        "tests",
        str(_("Tests")),
        (
            "ecg_result",
            "alt_uln",
            "ast_uln",
            "uds_result",
            "pdmp_queried_on",
            "pdmp_findings",
            "pdmp_checked_by",
            "urinalysis_result",
            "hcg_positive",
            "bladder_symptoms_unexplained",
        ),
    ),
    Section(
        "frame",
        str(_("Goals and frame")),
        (
            "endpoint_recorded",
            "course_defined",
            "consent_signed_on",
            "multimodal_physical",
            "multimodal_psychological",
            "multimodal_refused",
        ),
    ),
)
BASELINE = ("nrs", "peg", "phq-9", "gad-7")

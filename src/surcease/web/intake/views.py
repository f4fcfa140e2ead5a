"""Pages of the intake step: the assessment, its questions, instruments, story, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surcease.care.eligibility import block_questions, by_owner
from surcease.knowledge import load
from surcease.knowledge.fact import Fact
from surcease.knowledge.finding import Finding
from surcease.web.accounts.models import Role, User
from surcease.web.accounts.role import SignedIn, can
from surcease.web.instruments.queries import own
from surcease.web.intake import actions
from surcease.web.intake.forms import DecideForm, StoryForm
from surcease.web.intake.models import Goal, PainSite, TriedTreatment
from surcease.web.intake.queries import assessed, baseline_sittings, instrument, latest_decision, scores_of
from surcease.web.intake.sections import SECTIONS, Section
from surcease.web.patients import actions as patients
from surcease.web.patients.access import open_patient
from surcease.web.patients.instrument_form import InstrumentForm
from surcease.web.patients.models import Patient
from surcease.web.patients.pages import person_page
from surcease.web.patients.questions import FactForm


@require_safe
def page(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Everything known and everything open, with the decision at the foot."""
    patient = open_patient(request.user, patient_id, why="intake", request=request)
    found = assessed(patient, now=timezone.now(), site=_site(request), flip="flip" in request.GET)
    return render(
        request,
        "intake/page.html",
        person_page(patient, "intake") | _shown(request, patient, found) | {"form": DecideForm()},
    )


def _shown(request: SignedIn, patient: Patient, found: Any) -> dict[str, Any]:
    result = found.result
    return {
        "found": found,
        "result": result,
        "standing": sorted((f for f in result.standing if f.fired and f.outcome != "INFO"), key=_worst_first),
        "waiting": sorted((f for f in result.standing if f.fired is None), key=_worst_first),
        "informing": sorted((f for f in result.standing if f.fired and f.outcome == "INFO"), key=_worst_first),
        "quiet": [f for f in result.findings if f.applies and f.fired is False],
        "elsewhere": [f for f in result.findings if not f.applies],
        "owners": by_owner(result.missing),
        "sections": SECTIONS,
        "sittings": baseline_sittings(),
        "own": own(),
        "scores": scores_of(found.record),
        "decision": latest_decision(patient),
        "sites": PainSite.objects.standing().filter(patient=patient),
        "tried": TriedTreatment.objects.standing().filter(patient=patient),
        "goals": Goal.objects.standing().filter(patient=patient),
        "may_decide": can(request, "intake.decide"),
    }


@require_http_methods(["GET", "POST"])
def ask(request: SignedIn, patient_id: UUID, section: str) -> HttpResponse:
    """One sitting of questions; ``missing`` asks exactly what the rules wait for."""
    patient = open_patient(request.user, patient_id, why=f"intake {section}", request=request)
    now = timezone.now()
    found = assessed(patient, now=now, site=_site(request))
    asked = _section(section, found)
    form = FactForm(asked.specs, request.POST or None, known=dict(found.result.facts))
    if request.method == "POST" and form.is_valid():
        answers = form.fresh(at=now, source=f"asked by {request.user.printed_name}")
        patients.state(by=request.user, now=now, patient=patient, facts=answers, what=f"intake {section}")
        return redirect("intake:person", patient.pk)
    return render(request, "intake/ask.html", person_page(patient, "intake") | {"form": form, "section": asked})


def _worst_first(finding: Finding) -> tuple[int, str]:
    return finding.outcome.rank, finding.id


def _section(key: str, found: Any) -> Section:
    if key == "missing":
        known = load().facts
        names = tuple(m.name for m in found.result.missing if known[m.name].owner != "computed")
        return Section("missing", str(_("What is missing")), names)
    wanted = next((s for s in SECTIONS if s.key == key), None)
    if wanted is None:
        raise Http404
    return wanted


@require_http_methods(["GET", "POST"])
def block(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Each contraindication by name; "asked: none of these" writes a No with author and time for each."""
    patient = open_patient(request.user, patient_id, why="contraindications", request=request)
    now = timezone.now()
    found = assessed(patient, now=now, site=_site(request))
    questions = block_questions(load().facts)
    if request.method == "POST":
        names = {q.name for q in questions}
        against = actions.ask_block(
            by=request.user, now=now, patient=patient, found=found, yes=names & set(request.POST.getlist("yes"))
        )
        if against:
            words = ", ".join(load().facts[n].words for n in against)
            messages.warning(
                request, _("The record already says yes to: %(what)s. Answer these one by one.") % {"what": words}
            )
        return redirect("intake:person", patient.pk)
    yes = {q.name for q in questions if found.result.facts.value(q.name) is True}
    return render(request, "intake/block.html", person_page(patient, "intake") | {"questions": questions, "yes": yes})


@require_http_methods(["GET", "POST"])
def instrument_page(request: SignedIn, patient_id: UUID, instrument_id: str) -> HttpResponse:
    """Any instrument, filled in by staff for or with the person."""
    patient = open_patient(request.user, patient_id, why=f"instrument {instrument_id}", request=request)
    try:
        asked = instrument(instrument_id)
    except KeyError as error:
        raise Http404 from error
    if not asked.has_text:
        messages.info(
            request, _("The words of this instrument belong to someone else: a clinic lead loads them first.")
        )
        return redirect("intake:person", patient.pk)
    form = InstrumentForm(asked, request.POST or None)
    if request.method == "POST" and form.is_valid():
        result = actions.keep_answers(
            by=request.user, now=timezone.now(), patient=patient, instrument_id=asked.id, items=form.items()
        )
        said = result.status if result.value is None else f"{asked.short or asked.title}: {result.value}"
        messages.success(request, said)
        for trigger in result.triggers:
            messages.warning(request, trigger.say)
        return redirect("intake:person", patient.pk)
    return render(
        request, "intake/instrument.html", person_page(patient, "intake") | {"form": form, "instrument": asked}
    )


@require_http_methods(["GET", "POST"])
def story(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Where it hurts, what was tried, what the person wants."""
    patient = open_patient(request.user, patient_id, why="pain story", request=request)
    form = StoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        rows = list(_rows(form.cleaned_data))
        if rows:
            patients.enter(by=request.user, now=now, patient=patient, rows=rows, what="pain story")
        if form.cleaned_data["barriers"]:
            fact = Fact(form.cleaned_data["barriers"], at=now, source=f"asked by {request.user.printed_name}")
            patients.state(by=request.user, now=now, patient=patient, facts={"barriers": fact}, what="barriers")
        return redirect("intake:story" if "more" in request.POST else "intake:person", patient.pk)
    return render(request, "intake/story.html", person_page(patient, "intake") | {"form": form})


def _rows(data: dict[str, Any]) -> Any:
    for n, region in enumerate(data["regions"]):
        yield PainSite(region=region, since=data["since"], character=data["character"], worst=n == 0)
    if data["treatment"] and data["treatment_kind"]:
        failed = {"yes": True, "no": False}.get(data["failed"])
        yield TriedTreatment(
            what=data["treatment"], kind=data["treatment_kind"], dose=data["dose"], weeks=data["weeks"],
            response=data["response"], failed=failed,
        )  # fmt: skip
    if data["goal"]:
        yield Goal(words=data["goal"])
    for n in (1, 2, 3):
        if data[f"activity_{n}"]:
            yield Goal(activity=data[f"activity_{n}"], rating=data[f"rating_{n}"])


@require_POST
def todos(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Ask for what is missing, one to-do for each owner."""
    patient = open_patient(request.user, patient_id, why="ask for what is missing", request=request)
    found = assessed(patient, now=timezone.now(), site=_site(request))
    asked = actions.ask_for_missing(by=request.user, now=timezone.now(), patient=patient, found=found)
    messages.success(request, _("%(n)s to-dos asked.") % {"n": asked})
    return redirect("intake:person", patient.pk)


@require_POST
def aside(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Set a finding aside with a reason, and a second person where the rule wants one."""
    patient = open_patient(request.user, patient_id, why="set a finding aside", request=request)
    now = timezone.now()
    found = assessed(patient, now=now, site=_site(request))
    second = User.objects.filter(email=request.POST.get("second", "").strip().lower(), role=Role.PHYSICIAN).first()
    try:
        actions.set_aside(
            by=request.user, now=now, patient=patient, found=found, rule=request.POST.get("rule", ""),
            reason=request.POST.get("reason", ""), second=second,
        )  # fmt: skip
    except ValueError as error:
        messages.error(request, str(error))
    return redirect("intake:person", patient.pk)


@require_POST
def decide(request: SignedIn, patient_id: UUID) -> HttpResponse:
    """Sign the decision."""
    patient = open_patient(request.user, patient_id, why="decide eligibility", request=request)
    now = timezone.now()
    found = assessed(patient, now=now, site=_site(request))
    form = DecideForm(request.POST)
    if form.is_valid() and (method := form.method_of(request)):
        try:
            row = actions.sign_decision(
                by=request.user, now=now, method=method, patient=patient, found=found,
                verdict=form.cleaned_data["verdict"], reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except ValueError as error:
            form.add_error("verdict", str(error))
        else:
            messages.success(request, _("Signed: %(what)s.") % {"what": row.get_verdict_display()})
            return redirect("intake:person", patient.pk)
    shown = person_page(patient, "intake") | _shown(request, patient, found) | {"form": form}
    return render(request, "intake/page.html", shown, status=400)


def _site(request: SignedIn) -> Any:
    return request.user.sites.order_by("name").first()

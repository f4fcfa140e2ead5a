"""The permission matrix: every act of the web floor, who may do it, and which route is which act.

Deny by default: a route without a row here is a 404 for everyone, and a test fails. Roles are the six of
``accounts.models.Role`` and three ways of not being one: ``link`` (a patient's personal link), ``anonymous``.
A row says who may try; whether this person may see *this* patient is decided by ``patients.access``.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("physician", "nurse", "pharmacist", "lead", "front_desk", "patient", "link", "anonymous")
PHYSICIAN, NURSE, PHARMACIST, LEAD, FRONT_DESK, PATIENT, LINK, ANONYMOUS = ROLES
PRESCRIBE = frozenset({PHYSICIAN})
CARE = frozenset({PHYSICIAN, NURSE})
CHART = frozenset({PHYSICIAN, NURSE, PHARMACIST})
STAFF = frozenset({PHYSICIAN, NURSE, PHARMACIST, LEAD, FRONT_DESK})
SIGNED_IN = STAFF | {PATIENT}
EVERYONE = SIGNED_IN | {LINK, ANONYMOUS}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Act:
    """Who may do it; whether it works on a locked chair tablet; whether it is open before there is a second factor."""

    who: frozenset[str]
    while_locked: bool = False
    before_second_factor: bool = False


ACTS: dict[str, Act] = {
    # signing in and out
    "door": Act(EVERYONE, while_locked=True, before_second_factor=True),
    "account.own": Act(SIGNED_IN, before_second_factor=True),
    "account.second_factor": Act(STAFF, before_second_factor=True),
    "account.unlock": Act(STAFF, while_locked=True, before_second_factor=True),
    "account.manage": Act(frozenset({LEAD})),
    "account.link": Act(CARE | {FRONT_DESK}),
    "never": Act(NOBODY),
    # the day
    "home": Act(SIGNED_IN | {LINK}),
    "todo.read": Act(STAFF),
    "todo.do": Act(STAFF),
    # people
    "patient.find": Act(STAFF - {LEAD}),
    "patient.register": Act(CARE | {FRONT_DESK}),
    "patient.particulars": Act(CHART | {FRONT_DESK}),
    "chart.read": Act(CHART),
    "chart.write": Act(CARE),
    "chart.break_glass": Act(CHART),
    "paper.read": Act(CHART | {PATIENT}),
    "record.import": Act(CARE),
    "record.export": Act(CHART),
    "record.own": Act(frozenset({PATIENT})),
    "record.read_api": Act(CHART | {PATIENT}),
    "record.hook": Act(CHART),
    # intake
    "intake.read": Act(CHART),
    "intake.ask": Act(CARE),
    "intake.decide": Act(PRESCRIBE),
    # the plan
    "plan.read": Act(CHART),
    "plan.write": Act(PRESCRIBE),
    "plan.sign": Act(PRESCRIBE),
    "limit.sign": Act(PRESCRIBE),
    "visit.read": Act(CHART | {FRONT_DESK}),
    "visit.change": Act(CARE | {FRONT_DESK}),
    # the treatment session
    "session.open": Act(CARE),
    "session.read": Act(CHART, while_locked=True),
    "session.write": Act(CARE),
    "session.stop": Act(CARE, while_locked=True),
    "session.call": Act(STAFF, while_locked=True),
    "board.read": Act(CHART | {LEAD}, while_locked=True),
    "device.read": Act(CHART | {LEAD}),
    "device.accept": Act(CARE | {LEAD}),
    # the diary
    "diary.write": Act(frozenset({PATIENT, LINK})),
    "diary.own": Act(frozenset({PATIENT})),
    "diary.read": Act(CHART),
    "diary.answer": Act(CARE),
    # the drug ledger
    "stock.read": Act(CHART | {LEAD}),
    "stock.write": Act(CHART),
    "stock.witness": Act(CHART),
    "stock.count": Act(CHART),
    "stock.settle": Act(frozenset({PHARMACIST, LEAD})),
    # the review
    "review.read": Act(CHART),
    "review.sign": Act(PRESCRIBE),
    # the trail and the organisation
    "audit.patient": Act(frozenset({LEAD, PHYSICIAN})),
    "audit.all": Act(frozenset({LEAD})),
    "audit.own": Act(SIGNED_IN),
    "clinic.settings": Act(frozenset({LEAD})),
    "live.listen": Act(STAFF, while_locked=True),
    "parts.look": Act(STAFF),
}

# route name (with its namespace) -> act
ROUTES: dict[str, str] = {
    "home": "door",
    "language": "door",
    "healthy": "door",
    "account_login": "door",
    "account_logout": "door",
    "account_inactive": "door",
    "account_reauthenticate": "account.own",
    "account_change_password": "account.own",
    "account_reset_password": "door",
    "account_reset_password_done": "door",
    "account_reset_password_from_key": "door",
    "account_reset_password_from_key_done": "door",
    "account_request_login_code": "door",
    "account_confirm_login_code": "door",
    "account_signup": "never",
    "account_email": "never",
    "account_email_verification_sent": "never",
    "account_confirm_email": "never",
    "account_set_password": "never",
    "mfa_index": "account.second_factor",
    "mfa_authenticate": "door",
    "mfa_reauthenticate": "account.own",
    "mfa_activate_totp": "account.second_factor",
    "mfa_deactivate_totp": "account.second_factor",
    "mfa_view_recovery_codes": "account.second_factor",
    "mfa_generate_recovery_codes": "account.second_factor",
    "mfa_download_recovery_codes": "account.second_factor",
    "mfa_list_webauthn": "account.second_factor",
    "mfa_add_webauthn": "account.second_factor",
    "mfa_reauthenticate_webauthn": "account.own",
    "mfa_remove_webauthn": "account.second_factor",
    "mfa_edit_webauthn": "account.second_factor",
    "mfa_login_webauthn": "door",
    "accounts:first": "door",
    "accounts:link": "door",
    "accounts:me": "account.own",
    "accounts:lock": "account.unlock",
    "accounts:unlock": "account.unlock",
    "accounts:people": "account.manage",
    "accounts:add": "account.manage",
    "accounts:person": "account.manage",
    "accounts:badge": "account.manage",
    "clinic:settings": "clinic.settings",
    "clinic:add_site": "clinic.settings",
    "clinic:site": "clinic.settings",
    "audit:all": "audit.all",
    "audit:own": "audit.own",
    "audit:patient": "audit.patient",
    "live:listen": "live.listen",
    "worklist:today": "todo.read",
    "worklist:take": "todo.do",
    "worklist:give_back": "todo.do",
    "worklist:end": "todo.do",
    "limits:page": "clinic.settings",
    "limits:numbers": "clinic.settings",
    "limits:person": "chart.read",
    "instruments:page": "clinic.settings",
    "instruments:import": "clinic.settings",
    "instruments:build": "clinic.settings",
    "instruments:look": "clinic.settings",
    "instruments:change": "clinic.settings",
    "instruments:end": "clinic.settings",
    "instruments:fhir": "clinic.settings",
    "intake:person": "intake.read",
    "intake:ask": "intake.ask",
    "intake:block": "intake.ask",
    "intake:instrument": "intake.ask",
    "intake:story": "intake.ask",
    "intake:todos": "intake.ask",
    "intake:set_aside": "intake.decide",
    "intake:decide": "intake.decide",
    "plan:person": "plan.read",
    "plan:forecast": "plan.read",
    "plan:consent": "plan.read",
    "plan:sign": "plan.sign",
    "plan:end": "plan.sign",
    "plan:visits": "visit.read",
    "plan:visit": "visit.change",
    "plan:day": "visit.read",
    "diary:today": "diary.write",
    "diary:sync": "diary.write",
    "diary:hello": "diary.write",
    "diary:days": "diary.own",
    "diary:ask": "diary.write",
    "diary:messages": "diary.own",
    "diary:reminders": "diary.own",
    "diary:learn": "diary.own",
    "diary:learn_page": "diary.own",
    "diary:series": "diary.own",
    "diary:calendar": "diary.own",
    "diary:fridge": "diary.own",
    "diary:fridge_pdf": "diary.own",
    "diary:consents": "diary.own",
    "diary:mine": "diary.own",
    "diary:mine_pdf": "diary.own",
    "diary:mine_csv": "diary.own",
    "diary:mine_fhir": "diary.own",
    "diary:pause": "diary.own",
    "diary:subscribe": "diary.own",
    "diary:displayed": "door",
    "diary:scores": "diary.own",
    "diary:person_scores": "diary.read",
    "diary:clinic": "clinic.settings",
    "diary:offline": "door",
    "diary:ask_offline": "door",
    "diary:service_worker": "door",
    "diary:manifest": "door",
    "diary:person": "diary.read",
    "diary:answer": "diary.answer",
    "review:person": "review.read",
    "review:outlook": "review.read",
    "review:release": "review.sign",
    "review:sign": "review.sign",
    "review:summary_pdf": "review.read",
    "review:letter_pdf": "review.read",
    "review:copy_pdf": "review.read",
    "review:mine": "diary.own",
    "review:mine_pdf": "diary.own",
    "treatment:board": "board.read",
    "treatment:person": "session.read",
    "treatment:arrive": "session.open",
    "treatment:before": "session.write",
    "treatment:session": "session.read",
    "treatment:log": "session.read",
    "treatment:replay": "session.read",
    "treatment:events": "session.stop",
    "treatment:check": "session.write",
    "treatment:strike": "session.write",
    "treatment:verbal": "session.write",
    "treatment:countersign": "plan.sign",
    "treatment:predicted": "session.read",
    "treatment:programme": "session.write",
    "treatment:programme_pdf": "session.read",
    "treatment:adverse": "session.write",
    "treatment:strike_adverse": "session.write",
    "treatment:after": "session.write",
    "treatment:screen": "session.call",
    "treatment:call": "session.call",
    "treatment:answer": "session.call",
    "treatment:flowsheet_pdf": "session.read",
    "treatment:slip_pdf": "session.read",
    "treatment:paper_pdf": "session.read",
    "stock:ledger": "stock.read",
    "stock:receive": "stock.write",
    "stock:vial": "stock.read",
    "stock:waste_vial": "stock.write",
    "stock:send": "stock.write",
    "stock:movement": "stock.read",
    "stock:witness": "stock.witness",
    "stock:refuse": "stock.witness",
    "stock:take_back": "stock.write",
    "stock:session": "stock.write",
    "stock:draw": "stock.write",
    "stock:waste": "stock.write",
    "stock:close": "stock.write",
    "stock:counts": "stock.read",
    "stock:count": "stock.count",
    "stock:counted": "stock.read",
    "stock:discrepancies": "stock.read",
    "stock:discrepancy": "stock.read",
    "stock:register": "stock.read",
    "stock:register_pdf": "stock.read",
    "stock:register_csv": "stock.read",
    "devices:page": "device.read",
    "devices:accept": "device.accept",
    "devices:retire": "device.accept",
    "devices:codes": "clinic.settings",
    "devices:use": "clinic.settings",
    "devices:feed": "session.read",
    "devices:take": "session.write",
    "devices:pair": "session.write",
    "devices:unpair": "session.write",
    "devices:seen": "session.write",
    "patients:list": "patient.find",
    "patients:page": "patient.particulars",
    "patients:register": "patient.register",
    "patients:particulars": "patient.particulars",
    "patients:limbs": "chart.write",
    "patients:link": "account.link",
    "patients:glass": "chart.break_glass",
    "papers:document": "paper.read",
    "interop:upload": "record.import",
    "interop:batch": "record.import",
    "interop:export": "record.export",
    "interop:own_export": "record.own",
    "fhir:metadata": "door",
    "fhir:read": "record.read_api",
    "fhir:search": "record.read_api",
    "fhir:everything": "record.read_api",
    "cds_hooks:services": "door",
    "cds_hooks:call": "record.hook",
}


def act_of(route: str) -> Act | None:
    """The act a route is, None when it has no row (and is therefore closed)."""
    return ACTS.get(ROUTES.get(route, ""))


def may(role: str, act: str) -> bool:
    """Whether a role may try an act. An unknown act is a programming error.

    >>> may("nurse", "chart.read"), may("front_desk", "chart.read")
    (True, False)
    """
    return role in ACTS[act].who

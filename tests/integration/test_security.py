"""What every page must have and no page may do: headers, policy, tokens, sentences instead of traces, clean logs."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.web_fixtures import World
from tests.web_routes import all_samples, routes

from surcease.web.accounts import matrix
from surcease.web.clinic import installation
from surcease.web.clinic.installation import give_birth
from surcease.web.errors import failed
from surcease.web.logs import NoPatientData, OneLine
from surcease.web.patients import actions

pytestmark = pytest.mark.django_db
SURCEASE = Path(sys.executable).parent / "surcease"
ROLE_ORDER = ("physician", "nurse", "lead", "front_desk", "pharmacist", "patient", "link", "anonymous")


def allowed_pages(world: World, client_as: Callable[[str], Client]) -> list[tuple[str, str, Client]]:
    """Each route once: its name, its address, a client that may open it."""
    samples, clients, found = all_samples(world), {}, []
    for route, parts in sorted(set(routes())):
        if parts and route not in samples:
            continue  # the matrix test asks for the sample
        act = matrix.act_of(route)
        role = next((r for r in ROLE_ORDER if act and r in act.who), None)
        if act is matrix.ACTS["door"]:
            role = "anonymous"
        if role is None:
            continue
        client = clients.setdefault(role, client_as(role))
        found.append((route, reverse(route, kwargs=samples.get(route, {})), client))
    return found


def test_every_page_has_its_headers_and_runs_nothing_inline(world: World, client_as: Callable[[str], Client]) -> None:
    wrong = []
    for route, address, client in allowed_pages(world, client_as):
        response = client.get(address)
        wrong += [f"{route}: {fault}" for fault in header_faults(response.headers)]
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            wrong += [f"{route}: {fault}" for fault in html_faults(response.content.decode())]
    assert not wrong, "\n".join(wrong)


def header_faults(headers: Any) -> list[str]:
    """What a response lacks."""
    policy = headers.get("Content-Security-Policy", "")
    faults = [word for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*") if word in policy]
    if "default-src 'none'" not in policy:
        faults.append("no default-src 'none'")
    if "sandbox" not in policy and "frame-ancestors 'none'" not in policy:
        faults.append("may be framed")
    wanted = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    if any(kind in headers.get("Content-Type", "") for kind in ("javascript", "manifest+json")):
        del wanted["Cache-Control"]  # a program, not a person's data
    return faults + [name for name, value in wanted.items() if value not in headers.get(name, "")]


def html_faults(text: str) -> list[str]:
    """Inline scripts, styles and handlers, and anything from another host."""
    faults = []
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        if not re.search(r"\bsrc=|type=\"application/json\"|\bnonce=", attributes):
            faults.append("inline script")
    body = re.sub(r"<svg.*?</svg>", "", text, flags=re.S)
    if re.search(r"<style\b|\sstyle=|\son[a-z]+=\"", body):
        faults.append("inline style or handler")
    if re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//(?!testserver)", body):
        faults.append("another host")
    if "<html" in text and not re.search(r"<html[^>]* lang=", text):
        faults.append("no language")
    return faults


# Asked by machines, and changing nothing but the trail: everything that is read comes with the request.
CHANGES_NOTHING = {"cds_hooks:call"}


def test_every_unsafe_request_needs_its_token(world: World, client_as: Callable[[str], Client]) -> None:
    opened = []
    for route, address, client in allowed_pages(world, client_as):
        client.handler.enforce_csrf_checks = True
        try:
            response = client.post(address)
        finally:
            client.handler.enforce_csrf_checks = False
        if response.status_code not in (403, 404, 405) and route not in CHANGES_NOTHING:
            opened.append(f"{route}: {response.status_code}")
    assert not opened, "\n".join(opened)


def test_a_foreign_origin_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/account/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    given = {"login": "x@test.example", "password": "x", "csrfmiddlewaretoken": token.group(1)}
    assert client.post("/account/login/", given).status_code == 200
    assert client.post("/account/login/", given, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b", "x" * 300])
def test_a_hostile_host_is_a_sentence(host: str) -> None:
    response = Client().get("/account/login/", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_a_hostile_host_is_a_sentence_in_a_demo_clinic_too(db: None) -> None:
    """The page before anybody is known also speaks of the demo's sign-ins."""
    give_birth(kind="demo", organisation="Demo")
    assert Client().get("/account/login/", headers={"Host": "evil.example"}).status_code == 400


def test_the_page_of_a_failure_asks_the_database_nothing(
    world: World, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    installation.forget()
    with django_assert_num_queries(0):
        assert failed(RequestFactory().get("/")).status_code == 500


def test_error_pages_say_what_to_do(world: World, client_as: Callable[[str], Client], monkeypatch: Any) -> None:
    nurse = client_as("nurse")
    missing = nurse.get("/nothing/here/")
    refused = nurse.get(reverse("accounts:people"))
    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "There is no such page" in missing.content.decode()
    assert "Your role does not include this page" in refused.content.decode()
    client = Client(raise_request_exception=False)
    client.force_login(world.users.nurse)
    monkeypatch.setattr("surcease.web.worklist.views.lines", broken)
    failed = client.get("/worklist/")
    assert failed.status_code == 500
    assert "What was confirmed as saved is saved" in failed.content.decode()
    assert "Traceback" not in failed.content.decode()


def broken(*args: Any, **more: Any) -> None:
    raise OperationalError("Mara Lindqvist, born 1988-03-24")


def test_the_log_names_no_patient(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("surcease.web.worklist.views.lines", broken)
    kept: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    handler = Kept()
    handler.setFormatter(OneLine("%(levelname)s %(message)s"))
    handler.addFilter(NoPatientData())
    logging.getLogger().addHandler(handler)
    try:
        client = Client(raise_request_exception=False)
        client.force_login(world.users.nurse)
        client.get(f"/worklist/?q=Lindqvist&id={world.patient.pk}")
        client.get(f"/patients/{world.patient.pk}/nothing/?name=Mara")
    finally:
        logging.getLogger().removeHandler(handler)
    text = "\n".join(kept)
    assert "OperationalError" in text
    for canary in ("Lindqvist", "Mara", "1988", str(world.patient.pk)):
        assert canary not in text


def test_a_log_line_cannot_be_forged() -> None:
    record = logging.makeLogRecord({"msg": "a\nERROR forged\r\n\u2028b", "levelname": "INFO"})
    assert "\n" not in OneLine("%(message)s").format(record)


XSS = [
    "<script>canary()</script>",
    '"><img src=x onerror=canary()>',
    "javascript:canary()",
    "{{ 7|add:7 }}",
    "{% debug %}",
]


@pytest.mark.parametrize("payload", XSS)
def test_what_is_typed_is_shown_as_typed(
    world: World, client_as: Callable[[str], Client], payload: str, now: Any
) -> None:
    fields = ("family", "given", "phone", "address", "contact", "comfort", "usual_gait")
    actions.change_particulars(by=world.users.nurse, now=now, patient=world.patient, version=1,
                               changes=dict.fromkeys(fields, payload))  # fmt: skip
    client = client_as("nurse")
    for name in ("page", "particulars", "limbs", "link"):
        text = client.get(reverse(f"patients:{name}", args=[world.patient.pk])).content.decode()
        assert "<script>canary" not in text
        assert "<img src=x" not in text
    assert "7|add:7" in text or "{{" not in payload


@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", "%", "_", "\\", "x" * 5_000, "\u0000", "search_name__gt", "🙂", "\u202e", "\u0308"]
)
def test_search_takes_words_as_words(world: World, client_as: Callable[[str], Client], words: str) -> None:
    response = client_as("nurse").get(reverse("patients:list"), {"q": words})
    assert response.status_code == 200
    assert "Lindqvist" not in response.content.decode()


def test_fields_that_no_form_has_are_ignored(world: World, client_as: Callable[[str], Client]) -> None:
    given = {"version": "1", "family": "Lindqvist", "sex": "female", "user": str(world.users.nurse.pk),
             "merged_into": str(world.patient.pk), "created_by": "x", "id": "x", "is_active": "1"}  # fmt: skip
    client_as("nurse").post(reverse("patients:particulars", args=[world.patient.pk]), given)
    before = (world.patient.user_id, world.patient.merged_into_id, world.patient.created_by_id)
    world.patient.refresh_from_db()
    assert (world.patient.user_id, world.patient.merged_into_id, world.patient.created_by_id) == before


def test_an_oversize_form_is_refused(world: World, client_as: Callable[[str], Client]) -> None:
    many = {f"f{n}": "x" for n in range(1_001)}
    assert client_as("nurse").post(reverse("patients:register"), many).status_code == 400


def test_the_language_of_the_interface(world: World, client_as: Callable[[str], Client]) -> None:
    client = client_as("nurse")
    response = client.post("/language/", {"language": "es", "next": "/worklist/"})
    assert response["Location"] == "/worklist/"
    assert 'lang="es"' in client.get("/worklist/").content.decode()
    assert client.post("/language/", {"language": "es", "next": "https://evil.example"})["Location"] == "/"
    client.post("/language/", {"language": "xx"})
    assert 'lang="es"' in client.get("/worklist/").content.decode()


def test_the_deployment_check_finds_nothing(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")}
    environment |= {"SURCEASE_TLS": "1", "SURCEASE_HOSTS": "clinic.example", "SURCEASE_HOME": str(tmp_path)}
    said = subprocess.run([SURCEASE, "manage", "check", "--deploy", "--fail-level", "WARNING"], env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert said.returncode == 0, said.stderr


def test_health_is_one_word() -> None:
    assert json.loads(Client().get("/healthy/").content) == {"status": "ok"}

"""A chair with a monitor on a person, and what that monitor sends: what the tests of the live feed start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.samples.steps import treated
from tests.web_fixtures import World

from surcease.hl7.vitals import Observed, Vitals
from surcease.web.devices import actions, tally

UNITS = {"spo2": "%", "heart_rate": "/min", "resp_rate": "/min", "systolic": "mm[Hg]", "diastolic": "mm[Hg]"}


@dataclass
class Monitored:
    """One session with a monitor on its person, at a site that signed ``scope``."""

    world: World
    session: Any
    device: Any
    pairing: Any

    @property
    def now(self) -> datetime:
        """When it began."""
        return self.world.now


def monitored(world: World, *, scope: str = "shown", sent_as: str = "MON-1", **more: Any) -> Monitored:
    """The first session of a signed plan, with monitor MON-1 confirmed on its person."""
    tally.forget()
    session, by, now = treated(world), world.users, world.now
    if scope != "off":
        actions.sign_use(
            by=by.lead, now=now, method="password", site=world.site, scope=scope, text="Looked at beside the monitor."
        )
    device = actions.accept_device(
        by=by.nurse, now=now, site=world.site, sent_as=sent_as, name="Monitor 1", chair=session.chair, **more
    )
    pairing = actions.pair(by=by.nurse, now=now, device=device, session=session, patient=world.patient)
    return Monitored(world, session, device, pairing)


def vitals(at: datetime, *, device: str = "MON-1", **values: str | int) -> Vitals:
    """What a monitor says at one moment."""
    observed = tuple(Observed(name, Decimal(value), UNITS[name], at) for name, value in values.items())
    return Vitals(device, "", (), observed, (), at)


def of_person(said: Vitals, *ids: str) -> Vitals:
    """The same, naming a person."""
    return replace(said, person=ids)


def oru(
    at: datetime, rows: str, *, control: str = "1", device: str = "MON-1", person: str = "", more: str = "",
    head: str = "|",
) -> bytes:  # fmt: skip
    """An ORU^R01 of a monitor; ``rows`` are ``code^name^system|value|unit`` lines, ``head`` is MSH-15|16."""
    stamp = at.astimezone(UTC).strftime("%Y%m%d%H%M%S.%f")[:-3] + "+0000"
    lines = [
        rf"MSH|^~\&|MONITORS|NORTH|SURCEASE||{stamp}||ORU^R01^ORU_R01|{control}|P|2.6|||{head}||UNICODE UTF-8",
        f"PID|||{person}",
        "PV1||O|NORTH^^CHAIR 1",
        f"OBR|1|||182777000^monitoring^SCT|||{stamp}",
        f"OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||{device}",
    ]
    for n, row in enumerate(rows.split(), start=2):
        code, value, unit = row.split("|")
        lines.append(f"OBX|{n}|NM|{code}|1.1.1.{n}|{value}|{unit}|||||R")
    return ("\r".join(lines) + "\r" + more).encode()


def later(moment: datetime, seconds: float) -> datetime:
    """A moment after another."""
    return moment + timedelta(seconds=seconds)

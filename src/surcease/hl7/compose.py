"""Writing an ORU^R01 as a bedside monitor sends it, for the simulated one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from surcease.hl7.instant import write_instant

#: parameter -> OBX-3 and OBX-6 as monitors send them (IEEE 11073-10101)
CODES = {
    "heart_rate": ("147842^MDC_ECG_HEART_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "pulse": ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "spo2": ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "262688^MDC_DIM_PERCENT^MDC"),
    "resp_rate": ("151562^MDC_RESP_RATE^MDC", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
    "etco2": ("151708^MDC_CONC_AWAY_CO2_ET^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "systolic": ("150301^MDC_PRESS_CUFF_SYS^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "diastolic": ("150302^MDC_PRESS_CUFF_DIA^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "mean_pressure": ("150303^MDC_PRESS_CUFF_MEAN^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "temperature": ("150344^MDC_TEMP^MDC", "268192^MDC_DIM_DEGC^MDC"),
}
_MONITOR = "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC"
NO_VALUE = Decimal(-100)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A monitor as it presents itself."""

    name: str
    bed: str = ""
    person: str = ""  # an identifier, when somebody typed one into it


@dataclass(frozen=True, slots=True)
class Numerics:
    """What stands on a monitor's face at ``at``: continuous values, and the last cuff with its own time."""

    at: datetime
    values: Mapping[str, Decimal | None]  # None: no signal
    cuff: Mapping[str, Decimal] | None = None
    cuff_at: datetime | None = None


def compose(numerics: Numerics, instrument: Instrument, control_id: str) -> bytes:
    """The message. A parameter without signal is sent as monitors do it, as a number that is none."""
    stamp = write_instant(numerics.at)
    lines = [
        rf"MSH|^~\&|SURCEASE-SIM|{instrument.name}|SURCEASE||{stamp}||ORU^R01^ORU_R01|{control_id}|P|2.6|||NE|AL"
        "||UNICODE UTF-8",
        f"PID|||{instrument.person}",
        f"PV1||O|{instrument.bed}",
        f"OBR|1|||182777000^monitoring of patient^SCT|||{stamp}",
        f"OBX|1||{_MONITOR}|1.0.0.0|||||||X|||||||{instrument.name}",
    ]
    rows = [(name, value, "") for name, value in numerics.values.items()]
    if numerics.cuff is not None and numerics.cuff_at is not None:
        rows += [(name, value, write_instant(numerics.cuff_at)) for name, value in numerics.cuff.items()]
    for n, (name, value, at) in enumerate(rows, start=2):
        code, unit = CODES[name]
        shown = NO_VALUE if value is None else value
        lines.append(f"OBX|{n}|NM|{code}|1.1.1.{n}|{shown:f}|{unit}|||||R|||{at}")
    return ("\r".join(lines) + "\r").encode()

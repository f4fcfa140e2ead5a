"""The plan in pictures and dialects: the predicted concentration of one session, the rate in every unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from surcease.care.dose_words import say_amount, say_rate
from surcease.knowledge import load
from surcease.knowledge.product import load_products
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve
from surcease.units import plain
from surcease.web.plan.record import Worked

CAPS = {
    "rate": _("cap of the rate"), "session": _("cap of a session"), "day": _("cap of a day"),
    "course": _("cap of the course"),
}  # fmt: skip
#: the default model of each route (adult, clinic)
MODEL_OF_ROUTE = {
    "iv": "kamp_2020",
    "im": "kamp_2020",
    "sc": "kamp_2020",
    "in": "perez_ruixo_2021",
    "sl": "simons_2022",
    "po": "perez_ruixo_2021",
}


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dose as it is read, typed and spoken, and the weights it stands on."""

    rate: str
    amount: str
    weight: str
    caps: tuple[tuple[str, str], ...]  # which cap, and how it came about
    steps: tuple[str, ...]


def dialects(worked: Worked) -> Dialects:
    """All of it in words."""
    dose, weight = worked.dose, worked.dose.weight
    top = dose.highest
    vials = [s.strength for s in load_products()[worked.protocol.product].strengths if s.strength.unit == "mg/mL"]
    strength = vials[len(vials) // 2] if vials else None
    said = f"{plain(weight.kg)} kg {weight.basis}"
    if weight.ideal_kg is not None:
        said += f" (actual {plain(weight.actual_kg)}, ideal {plain(weight.ideal_kg)} kg; {weight.why})"
    rate, total = top.rate, top.total
    return Dialects(
        rate=say_rate(rate, weight_kg=weight.kg) if rate is not None else str(top.order),
        amount=say_amount(total, strength) if total is not None and strength is not None else str(total or ""),
        weight=said,
        caps=tuple((str(CAPS[cap.name]), cap.says) for cap in dose.caps),
        steps=worked.texts,
    )


def curve(worked: Worked) -> dict[str, Any] | None:
    """Chart, sentence and table of the highest session's predicted concentration; None where no model fits."""
    from surcease.charts import theme
    from surcease.charts.plan import Predicted, planned, sentence

    model = load().model(MODEL_OF_ROUTE[worked.dose.route])
    regimen = parse(worked.texts[-1]).for_weight(worked.dose.weight.kg)
    end = max(regimen.end_h + 4, 2)
    times = [end * n / 120 for n in range(121)]
    try:
        found = solve(model, regimen, times, weight_kg=float(worked.dose.weight.actual_kg))
    except ValueError:
        return None
    shown = Predicted(times, [float(v) for v in found.cp_ng_per_ml], model.id, regimen.end_h)
    rows = [(f"{times[n]:.1f}", f"{shown.q50[n]:.0f}") for n in range(0, 121, 10)]
    return {
        "spec": theme.spec(planned(shown)),
        "sentence": sentence(shown),
        "table": rows,
        "heads": ["h", "ng/mL"],
        "limits": found.limits,
    }

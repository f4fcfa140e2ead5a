"""Who is in the demo: read from examples/demo/people.yaml, with what each reason for treatment means in codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from surcease.knowledge import yaml

# reason -> (words, ICD-10-CM, the indication fact's value, protocol)
REASONS = {
    "crps": ("Complex regional pain syndrome I", "G90.50", "crps", "P01"),
    "sci": ("Spinal cord injury pain, T8 incomplete", "G89.0", "sci", "P04"),
    "fibromyalgia": ("Fibromyalgia", "M79.7", "fibromyalgia", "P09"),
    "low_back_pain": ("Chronic low back pain after laminectomy", "M96.1", "low_back", "P09"),
    "phantom_limb_pain": ("Phantom limb syndrome with pain", "G54.6", "phantom_limb", "P09"),
    "postherpetic_neuralgia": ("Postherpetic neuralgia", "B02.29", "postherpetic", "P09"),
    "neuropathic_pain": ("Painful polyneuropathy", "G62.9", "mixed_neuropathic", "P09"),
    "migraine": ("Chronic migraine, refractory", "G43.719", "migraine", "P09"),
    "osteoarthritis": ("Osteoarthritis of the knee", "M17.11", "arthritis", "P09"),
}


@dataclass(frozen=True, slots=True)
class Character:
    """One invented person."""

    given: str
    family: str
    born: date
    sex: str
    kg: Decimal
    cm: Decimal
    why: str
    where: str
    pain: Decimal
    story: str
    medicines: tuple[str, ...] = ()
    goal: str = ""
    activities: tuple[str, ...] = ()
    barriers: str = ""
    comfort: str = ""
    limb: str = ""
    language: str = "en"
    more: dict[str, Any] = field(default_factory=dict)


def examples() -> Path:
    """The examples folder: beside the source tree, or inside the installed package."""
    root = Path(str(files("surcease")))
    beside = root.parents[1] / "examples"
    return beside if beside.is_dir() else root / "examples"


def cast() -> tuple[Character, ...]:
    """Everyone, in the order of the file."""
    raw = yaml.load(examples() / "demo" / "people.yaml")
    return tuple(_character(entry) for entry in raw)


def _character(entry: dict[str, Any]) -> Character:
    plain = {k: v for k, v in entry.items() if k not in ("born", "medicines", "activities")}
    born = entry["born"] if isinstance(entry["born"], date) else date.fromisoformat(str(entry["born"]))
    return Character(
        **plain, born=born, medicines=tuple(entry.get("medicines", ())), activities=tuple(entry.get("activities", ()))
    )

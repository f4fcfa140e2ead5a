"""Floor 2: what is known, as data with sources, and the small code that loads and evaluates it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from surcease.knowledge.evaluation import evaluate as evaluate
    from surcease.knowledge.library import Knowledge as Knowledge
    from surcease.knowledge.library import load as load
    from surcease.knowledge.yaml import KnowledgeError as KnowledgeError
    from surcease.pkpd.model import Model

_HOME = {"load": "library", "Knowledge": "library", "evaluate": "evaluation", "KnowledgeError": "yaml"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"surcease.knowledge.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'surcease.knowledge' has no attribute {name!r}")


def model(model_id: str) -> Model:
    """One pharmacological model of the loaded knowledge, by id."""
    return import_module("surcease.knowledge.library").load().model(model_id)

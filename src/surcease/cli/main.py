"""The `surcease` command: a table of small command modules, imported only when asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import typer

# command words -> module of surcease.cli that registers them
COMMANDS: dict[str, str] = {
    "models": "models",
    "simulate": "simulate",
    "relief": "relief",
    "fit": "fit",
    "forecast": "forecast",
    "response": "response",
    "letter": "letter",
    "rules": "rules",
    "screen": "screen",
    "check-plan": "check_plan",
    "programme": "programme",
    "score": "score",
    "mme": "mme",
    "import": "import_",
    "run": "run",
    "hl7": "listen",
    "monitor-sim": "monitor_sim",
    "audit": "audit",
    "demo": "demo",
    "push-keys": "push_keys",
    "manage": "manage",
}


def build(words: list[str]) -> typer.Typer:
    """The Typer app with the command named in ``words``, or with all of them (for help and unknown words)."""
    app = typer.Typer(
        name="surcease", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
    )
    app.callback()(_callback)
    named = next((w for w in words if not w.startswith("-")), "")
    modules = [COMMANDS[named]] if named in COMMANDS else sorted(set(COMMANDS.values()))
    for module in modules:
        if find_spec(f"surcease.cli.{module}"):
            import_module(f"surcease.cli.{module}").register(app)
    return app


def _callback() -> None:
    """Surcease: one person along the whole path of ketamine treatment of chronic pain."""


def app() -> None:
    """Entry point of the console script."""
    build(sys.argv[1:])()

"""`surcease run`: one process that serves the clinic."""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from surcease.cli.say import one_sentence, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; other machines need TLS.")] = "127.0.0.1",
    home: Annotated[Path | None, typer.Option(help="Home folder (or SURCEASE_HOME).")] = None,
    demo_if_empty: Annotated[bool, typer.Option(help="Fill an empty home with the demo clinic.")] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate file (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Key file of the certificate (PEM).")] = None,
    behind_proxy: Annotated[bool, typer.Option(help="A proxy on this machine speaks TLS to the outside.")] = False,
    public_name: Annotated[str, typer.Option(help="Host name that browsers use, e.g. clinic.example.org.")] = "",
    hl7_port: Annotated[int | None, typer.Option(help="Port for monitors; 0 for none. 2575 when it is free.")] = None,
    hl7_host: Annotated[str, typer.Option(help="Address for monitors; others need --hl7-allow.")] = "127.0.0.1",
    hl7_allow: Annotated[list[str] | None, typer.Option(help="A monitor's address or network.")] = None,
) -> None:
    """Serve the clinic of a home folder until stopped."""
    if find_spec("django") is None:
        refuse("The web part is not installed: run `make install`, or install surcease with its extra 'web'.")
    from surcease.web.lock import HomeIsBusy, held

    _check_address(host, tls_cert, tls_key, behind_proxy)
    place = _home(home)
    with one_sentence(HomeIsBusy, ValueError, PermissionError), held(place):
        _serve(
            place, host, port, demo_if_empty, tls_cert, tls_key, behind_proxy, public_name,
            monitors=(hl7_host, hl7_port, tuple(hl7_allow or ())),
        )  # fmt: skip


def _home(home: Path | None) -> Any:
    from surcease.web.home import Home

    return Home.at(home) if home else Home.from_environment()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_address(host: str, cert: Path | None, key: Path | None, behind_proxy: bool) -> None:
    if bool(cert) != bool(key):
        refuse("Give both --tls-cert and --tls-key, or neither.")
    for file in (cert, key):
        if file and not file.is_file():
            refuse(f"There is no file {file}: give the certificate and its key as PEM files.")
    if not is_loopback(host) and not cert and not behind_proxy:
        refuse(
            f"Listening on {host} without encryption is refused: give --tls-cert and --tls-key, or --behind-proxy "
            "when a proxy on this machine speaks TLS, or stay on 127.0.0.1."
        )


def _serve(
    home: Any, host: str, port: int, demo: bool, cert: Path | None, key: Path | None, proxy: bool, public: str,
    *, monitors: tuple[str, int | None, tuple[str, ...]],
) -> None:  # fmt: skip
    from surcease.web import start

    secure = bool(cert or proxy)
    names = " ".join(dict.fromkeys(n for n in (public, "" if host in ("0.0.0.0", "::") else host) if n))  # noqa: S104
    environment = {"SURCEASE_HOSTS": names}
    if secure:
        environment["SURCEASE_TLS"] = "1"
    if proxy:
        environment["SURCEASE_PROXY"] = "1"
        environment["SURCEASE_ORIGINS"] = f"https://{public}" if public else ""
    start.set_up(home, **environment)
    from surcease.web.serve import serve

    serve(
        host=host, port=port, demo_if_empty=demo, cert=cert, key=key, behind_proxy=proxy, public_name=public,
        monitors=monitors,
    )  # fmt: skip

"""Parsed knowledge kept in the user's cache folder, by the hash of the files it came from. Losing it costs a parse."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

_KEEP = 4


def folder() -> Path:
    """Where parsed knowledge is kept; ``SURCEASE_CACHE`` chooses another place."""
    chosen = os.environ.get("SURCEASE_CACHE")
    if not chosen:
        import platformdirs

        chosen = platformdirs.user_cache_dir("surcease")
    return Path(chosen) / "knowledge"


def get(key: str) -> str | None:
    """The text kept under ``key``, or None when there is none or it was damaged."""
    try:
        digest, _, text = (folder() / key).read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if digest == hashlib.sha256(text.encode()).hexdigest() else None


def put(key: str, text: str) -> None:
    """Keep ``text`` under ``key``; a folder that cannot be written is not an error. The oldest entries go."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder(), prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")
        Path(name).replace(folder() / key)
        kept = sorted(folder().iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[_KEEP:]:
            old.unlink(missing_ok=True)
    except OSError:
        return

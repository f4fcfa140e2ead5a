"""Sphinx configuration: MyST pages, no network."""

import re
from pathlib import Path
from typing import Any

project = "Surcease"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "images"]
html_theme = "furo"
html_title = "Surcease"
html_static_path: list[str] = []
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]


def _only_text_of_links(app: Any, path: Path, parent: str, source: list[str]) -> None:
    """A paper of the repository's root that a page includes points at files; the site has only its pages."""
    source[0] = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", source[0])


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("include-read", _only_text_of_links)

"""The protocol pages say what the protocols say, and can tell when they do not."""

import subprocess
import sys
from pathlib import Path

from docs.pages import protocols

ROOT = Path(__file__).parents[2]


def test_the_pages_are_not_stale():
    assert protocols.stale() == []


def test_one_page_each_and_an_index():
    pages = protocols.pages()
    assert len(pages) == 24
    assert "*(assumption)*" in pages["reference/protocols/P01.md"]
    assert "From session 3: 0.35 mg/kg/h for 4 h\n" in pages["reference/protocols/P01.md"]  # the trial's own figure
    assert "P24" in pages["reference/protocols/index.md"]


def test_stale_pages_are_named_and_written_again(tmp_path):
    protocols.write(tmp_path)
    assert protocols.stale(tmp_path) == []
    (tmp_path / "reference/protocols/P01.md").write_text("old")
    (tmp_path / "reference/protocols/P99.md").write_text("gone")
    assert protocols.stale(tmp_path) == ["reference/protocols/P01.md", "reference/protocols/P99.md"]
    protocols.write(tmp_path)
    assert protocols.stale(tmp_path) == []


def test_the_command_checks():
    done = subprocess.run([sys.executable, ROOT / "docs/pages/protocols.py", "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

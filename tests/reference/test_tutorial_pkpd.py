"""The tutorial notebook runs from top to bottom and says what it shows."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorial" / "pkpd.ipynb"


def test_the_notebook_runs_and_carries_no_outputs(capsys):
    cells = [c for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in cells)
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)
    said = capsys.readouterr().out
    assert "[198.3 253.1  95.9] ng/mL after 20, 40 and 60 min" in said  # the golden numbers of Kamp 2020
    assert "Three models fit; they differ ×" in said
    assert "Clarithromycin" in said

"""`surcease letter PATIENT --pdf out.pdf` and `surcease response diary.csv --series …` as they are written."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from surcease.cli.main import build
from surcease.web.audit.models import AuditRow


def run(*words):
    return CliRunner().invoke(build(list(words)), list(words))


@pytest.mark.django_db
def test_the_letter_of_a_person_by_identifier_is_a_pdf_and_leaves_a_row(world, tmp_path):
    out = tmp_path / "out.pdf"
    result = run("letter", "MRN-1001", "--pdf", str(out))
    assert result.exit_code == 0, result.stderr
    assert out.read_bytes().startswith(b"%PDF")
    row = AuditRow.objects.filter(patient=world.patient.pk, why="letter").get()
    assert row.who_name == "command line"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "where", "says"),
    [("nobody", "out.pdf", "no person"), ("MRN-1001", "no/such/place.pdf", "cannot be written")],
)
def test_a_letter_that_cannot_be_is_one_sentence(world, tmp_path, who, where, says):
    result = run("letter", who, "--pdf", str(tmp_path / where))
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.strip().count("\n") == 0


# Baseline 23 Feb to 1 Mar 2026: (8 + 7 + 8 + 8 + 7) / 5 = 7.6, on 5 of 7 days. Days 8 to 14 after 13 March are 21 to
# 27 March: (4 + 4 + 5 + 5) / 4 = 4.5. Days 2 to 7: 15 to 20 March, (4 + 5 + 5) / 3. Fall: 1 - 4.5 / 7.6 = 40.79 %.
DIARY = """at,score
2026-02-23,8\n2026-02-24,7\n2026-02-25,8\n2026-02-26,8\n2026-02-28,7
2026-03-15,4\n2026-03-16,5\n2026-03-17,\n2026-03-20,5\n2026-03-21,4\n2026-03-22,4\n2026-03-23,5\n2026-03-24,5
"""


def test_the_response_is_that_of_the_sums(tmp_path):
    file = tmp_path / "diary.csv"
    file.write_text(DIARY)
    result = run("response", str(file), "--series", "2026-03-02..2026-03-13", "--json")
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert (said["schema"], said["baseline"]["mean"], said["baseline"]["n"]) == ("response/1", 7.6, 5)
    assert said["early"]["mean"] == pytest.approx(14 / 3)
    assert (said["response"]["mean"], said["response"]["n"], said["response"]["of"]) == (4.5, 4, 7)
    assert said["change_percent"] == pytest.approx(100 * (1 - 4.5 / 7.6))
    assert (said["responder_30"], said["responder_50"], said["responder"]) == (True, False, None)

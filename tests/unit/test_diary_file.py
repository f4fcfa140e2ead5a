"""A diary file: days, times, blanks, and one sentence for what cannot be read."""

from __future__ import annotations

from datetime import date

import pytest

from surcease.care.diary_file import DiaryFileError, read_diary


def written(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "diary.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_days_times_blanks_and_sites(tmp_path):
    path = written(tmp_path, "\ufeffat,score,site\n2026-03-03T22:30-05:00,6.5,\n2026-03-02,7,hand\n2026-03-04,,\n,,\n")
    first, second, third = read_diary(path)
    assert (first.local_date, first.pain, first.site) == (date(2026, 3, 2), 7, "hand")
    assert (second.local_date, second.utc_offset_min) == (date(2026, 3, 3), -300)
    assert third.pain is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("day,score\n2026-03-02,7\n", "needs at and score"),
        ("at,score\n02/03/2026,7\n", "line 2: '02/03/2026'"),
        ("at,score\n2026-03-02T10:00,7\n", "with its offset"),
        ("at,score\n2026-03-02,11\n", "line 2: the score '11'"),
        ("at,score\n2026-03-02,-1\n", "the score '-1'"),
        ("at,score\n2026-03-02,٥\n", "from 0 to 10"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path, text, sentence):
    with pytest.raises(DiaryFileError, match=sentence.replace("(", r"\(")):
        read_diary(written(tmp_path, text))


def test_other_encodings_and_missing_files(tmp_path):
    with pytest.raises(DiaryFileError, match="UTF-8"):
        read_diary(written(tmp_path, "at,score\n2026-03-02,7 é", "latin-1"))
    with pytest.raises(FileNotFoundError, match="no file nothing.csv"):
        read_diary(tmp_path / "nothing.csv")


def test_a_number_of_now_is_no_average_and_a_note_may_have_lines(tmp_path):
    text = (
        'at,score,site,kind,day,note\n2026-03-03T01:00Z,9,,now,2026-03-02,"two\nlines, one comma"\n2026-03-03,4,,,,\n'
    )
    now, average = read_diary(written(tmp_path, text))
    assert (now.kind, now.local_date, now.note) == ("now", date(2026, 3, 2), "two\nlines, one comma")
    assert (average.kind, average.pain) == ("average", 4)
    with pytest.raises(DiaryFileError, match="line 2: the kind 'poem'"):
        read_diary(written(tmp_path, "at,score,kind\n2026-03-03,4,poem\n"))

"""The generated pages of the instruments: fresh, and stale pages are named."""

from docs.pages import instruments


def test_the_committed_pages_are_fresh():
    assert instruments.stale() == []


def test_a_changed_missing_or_leftover_page_is_named(tmp_path):
    instruments.write(tmp_path)
    assert instruments.stale(tmp_path) == []
    folder = tmp_path / instruments.FOLDER
    (folder / "peg.md").write_text("old", "utf-8")
    (folder / "gad-7.md").unlink()
    (folder / "gone.md").write_text("an instrument that is no more", "utf-8")
    assert sorted(instruments.stale(tmp_path)) == [f"{instruments.FOLDER}/{n}.md" for n in ("gad-7", "gone", "peg")]
    instruments.write(tmp_path)
    assert instruments.stale(tmp_path) == []
    assert not (folder / "gone.md").exists()


def test_a_page_says_whose_word_each_band_is():
    text = instruments.pages()[f"{instruments.FOLDER}/phq-9.md"]
    assert "| 10 | moderate | read through a secondary page | kroenke01 |" in text
    assert "`9` at 1 or more → `c-ssrs`" in text
    assert "are assumptions and say so" in instruments.pages()[f"{instruments.FOLDER}/index.md"]

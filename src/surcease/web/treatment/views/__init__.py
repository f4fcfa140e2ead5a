"""Pages of the treatment step: before, during (sheet, entries, screen, board), ending, papers."""

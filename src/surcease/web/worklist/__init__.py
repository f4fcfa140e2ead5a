"""To-dos: what, who, by when, and who is asked next if nobody answers."""

"""The person: who it is, what is known of them, who cares for them, and the one door to all of it."""

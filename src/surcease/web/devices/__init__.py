"""Monitors: what they send, whom they are on, what a person confirms of it. Their values are unconfirmed until then."""

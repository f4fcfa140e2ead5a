"""The trail: who did what to whom, when, from where and why; chained so that a change shows."""

"""Pages of the live feed: at the chair, and the clinic's monitors."""

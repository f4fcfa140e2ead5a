"""Signatures: who stood by which version of what, and how they showed who they are."""

"""The R4 read API over HTTP."""

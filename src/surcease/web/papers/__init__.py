"""Papers: letters, labels and flowsheets made by typst; every file kept once by its SHA-256."""

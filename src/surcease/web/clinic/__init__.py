"""The organisation: what kind of installation this is, its sites, its own settings, the knowledge it has run on."""

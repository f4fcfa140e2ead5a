"""Floor 4: HL7 v2 messages of monitors ↔ values with their unit and time. Pure: no socket, no clock, no database."""

"""The door for monitors: HL7 v2 over MLLP. Only sockets; reading is in ``surcease.hl7``, rows in ``devices``."""

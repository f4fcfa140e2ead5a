"""The borders: records that come in as files, and records that go out."""

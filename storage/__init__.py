"""What is kept: records, and the named transactions over one database."""

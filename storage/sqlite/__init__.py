"""The engine beneath: one SQLite file, its schema, the two threads over it, and whether it is whole."""

"""PostgreSQL for the tests: a server of their own in a temporary folder, its databases, and a wire that can be cut."""

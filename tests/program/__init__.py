"""`dagwright` for tests: the command line in a process of its own."""

"""Executors: they start the attempts of a run, and report how each one ended."""

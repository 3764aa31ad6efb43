"""Reads YAML events into the tree, with limits, and explains what is no YAML."""

"""Reads YAML events into the tree, with limits, and explains text that is not YAML."""

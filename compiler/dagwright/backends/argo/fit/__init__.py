"""Passes that fit templates into Argo's limits."""

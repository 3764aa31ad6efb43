"""Passes over the model, which fit it into Argo's limits."""

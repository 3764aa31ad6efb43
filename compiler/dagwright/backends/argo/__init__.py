"""The Argo Workflows backend: one manifest per pipeline."""

PROTOCOL = 1

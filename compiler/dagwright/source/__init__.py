"""The tree of a spec: nodes with spans."""

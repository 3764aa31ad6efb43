"""The shape of a spec: the published JSON Schema, its fast checker, and words for what is wrong."""

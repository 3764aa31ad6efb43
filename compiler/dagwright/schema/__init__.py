"""The shape of a spec: the published JSON Schema, its fast checker, and the messages for violations."""

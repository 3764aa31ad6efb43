"""Pictures of a pipeline: one module a format, all from the same view."""

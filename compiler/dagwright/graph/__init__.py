"""Pictures of a pipeline: one module per format, all drawn from the same view."""

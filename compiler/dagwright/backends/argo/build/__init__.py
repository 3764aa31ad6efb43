"""The model of a manifest, built from facts about the pipeline."""

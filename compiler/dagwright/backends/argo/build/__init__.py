"""Templates, from tasks."""

"""`targets.argo.patch`: its keys and its check."""

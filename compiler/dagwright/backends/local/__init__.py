"""The local backend: one script that needs only Python."""

PROTOCOL = 1

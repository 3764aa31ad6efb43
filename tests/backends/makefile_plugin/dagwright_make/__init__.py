"""The target `make`: one Makefile per pipeline."""

PROTOCOL = 1

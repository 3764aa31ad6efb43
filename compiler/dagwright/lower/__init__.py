"""Lowering: from the checked YAML tree to the IR."""

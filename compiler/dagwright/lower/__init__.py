"""From the checked YAML tree to the IR."""

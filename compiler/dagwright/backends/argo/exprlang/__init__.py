"""Expressions and texts in expr-lang, the language of Argo."""

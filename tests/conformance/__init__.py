"""The conformance suite: each folder is a case, one line of the model or of the language, for every engine."""

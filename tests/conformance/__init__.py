"""The conformance suite: each folder is a case for one sentence of the model or language, for every engine."""

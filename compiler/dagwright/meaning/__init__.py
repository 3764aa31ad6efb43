"""The meaning of the language, for the compiler and for generated files: Python 3.9, standard library only."""

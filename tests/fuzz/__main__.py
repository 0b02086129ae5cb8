"""Fuzz one parser with atheris, which is led by the lines of our code that an input reaches: ``make fuzz``."""

import sys

import atheris

with atheris.instrument_imports(include=["models", "service"]):
    from tests.fuzz.parsers import PARSERS

if __name__ == "__main__":
    parse = PARSERS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, parse)
    atheris.Fuzz()

"""Test beds: does a label hold when only noise changes, does it follow the meaning, and is it fair to groups."""

"""Answers over HTTP. It imports ``models`` and never torch."""

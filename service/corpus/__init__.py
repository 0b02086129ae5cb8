"""Scoring files of texts."""

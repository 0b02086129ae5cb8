"""How the database came to its present form, by Alembic; :mod:`service.feedback.database` runs it."""

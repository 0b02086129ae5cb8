"""What Alembic runs: it migrates on the connection, and in the transaction, that it is handed."""

from alembic import context

from service.feedback.tables import REVISION_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, version_table=REVISION_TABLE
)
context.run_migrations()

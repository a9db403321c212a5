"""What Alembic runs to migrate: on the connection and in the transaction that it was handed."""

from alembic import context

from storage.state.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()

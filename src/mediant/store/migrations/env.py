"""What Alembic runs: the versions, on the connection that `mediant.store.migrate` gives."""

from alembic import context

from mediant.store.tables import metadata

VERSION_TABLE = "mediant_schema"

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

"""The database: one file or one PostgreSQL, its tables and its migrations.

Knows: connections, transactions, the schema, migrations, backups. Public: `Database`,
`open_database`. Must not know: what the rows mean.
"""

from mediant.store.engine import Database, open_database

__all__ = ["Database", "open_database"]

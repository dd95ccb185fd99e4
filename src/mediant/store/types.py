"""Column types that mean the same on SQLite and PostgreSQL."""

from sqlalchemy import BigInteger, Double, Integer, Text

Id = BigInteger().with_variant(Integer, "sqlite")
"""A growing integer key; SQLite needs INTEGER to make it its rowid."""

Moment = Double
"""UTC epoch seconds."""

BytePath = Text(collation="C").with_variant(Text(), "sqlite")
"""A path that sorts by its bytes on both engines (SQLite's BINARY is that already)."""

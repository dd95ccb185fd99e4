"""The metadata that all tables share, and the names of their constraints."""

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Times are UTC epoch seconds as double precision; JSON is small text."""

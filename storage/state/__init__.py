"""The state: what must not be lost, in a database that is migrated and backed up.

Nothing outside may import this package before it is needed: SQLAlchemy takes long to import.
"""

"""Brings the tables of the state up to date, by Alembic and the files in versions/."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Make the migrations that are missing, within the transaction that the connection is in."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_known(revision: str) -> bool:
    """Whether a migration is one of this program's."""
    return revision in {script.revision for script in scripts().walk_revisions()}


def scripts() -> ScriptDirectory:
    """The migrations in their order."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", f"{__name__}:.")
    return config

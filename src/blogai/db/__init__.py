"""The database: access as an actor, the embedded server, migrations."""

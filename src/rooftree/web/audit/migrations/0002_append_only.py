"""The log only grows: the database itself refuses to change or delete an event, whoever asks."""

from django.db import migrations

TABLES = ("audit_event", "audit_subject")
_SAYS = "the access log only grows"


def _statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            for table in TABLES
            for what in ("update", "delete")
        ]
    made = [
        f"""CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"""
    ]
    for table in TABLES:
        made += [
            f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
            f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
        ]
    return made


def refuse_changes(apps, schema_editor):
    """Make the triggers, in the words of this database."""
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = (("audit", "0001_initial"),)
    operations = (migrations.RunPython(refuse_changes, elidable=False),)

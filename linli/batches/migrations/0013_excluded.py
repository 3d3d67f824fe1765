from django.db import migrations, models
from django.db.models import CASCADE

NOTES = """
CREATE TRIGGER batches_excluded_added AFTER INSERT ON batches_excluded REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_items();
CREATE TRIGGER batches_excluded_gone AFTER DELETE ON batches_excluded REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_items();
DROP TRIGGER batches_determination_added ON screening_determination;
DROP TRIGGER batches_determination_changed ON screening_determination;
DROP TRIGGER batches_determination_gone ON screening_determination;
"""
BACK = """
DROP TRIGGER batches_excluded_added ON batches_excluded;
DROP TRIGGER batches_excluded_gone ON batches_excluded;
CREATE TRIGGER batches_determination_added AFTER INSERT ON screening_determination REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_determination_changed AFTER UPDATE ON screening_determination REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_determination_gone AFTER DELETE ON screening_determination REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
"""


class Migration(migrations.Migration):
    """Whom the rule speaks against is kept with a list; screenings, which said it only of those they had found, are not counted any more."""

    dependencies = [("batches", "0012_given_up"), ("screening", "0003_scenarios")]

    operations = [
        migrations.CreateModel(
            name="Excluded",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conditions", models.JSONField(default=list)),
                ("version", models.CharField(max_length=30)),
                ("day", models.DateField()),
                ("item", models.OneToOneField(on_delete=CASCADE, related_name="excluded", to="batches.item")),
            ],
        ),
        migrations.RunSQL(NOTES, BACK),
    ]

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OPEN = models.Q(done_at__isnull=True)
HELD = ("role", "desk_code", "programme", "case")


class Migration(migrations.Migration):
    """Open tasks are counted from indexes that have all by which they are somebody's and have a colour."""

    atomic = False

    dependencies = [("casework", "0010_likeness")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(fields=["due_at", "id"], include=["warn_at", "area_code", *HELD], name="task_open_by_due", condition=OPEN),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(fields=["warn_at", "id"], include=["due_at", "area_code", *HELD], name="task_open_by_warning", condition=OPEN),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(fields=["area_code", "due_at", "id"], include=["warn_at", *HELD], name="task_open_by_area", condition=OPEN),
        ),
        RemoveIndexConcurrently("task", "task_open_due"),
        RemoveIndexConcurrently("task", "task_open_area"),
    ]

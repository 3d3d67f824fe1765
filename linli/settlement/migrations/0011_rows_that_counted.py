"""What a bank's row brought about stays on record: only rows that did nothing are read anew."""

from django.db import migrations

GUARD = """
CREATE FUNCTION settlement_row_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of the bank''s answer that counted is not deleted' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER settlement_outcomerow_keep BEFORE DELETE ON settlement_outcomerow
    FOR EACH ROW WHEN (OLD.verdict IN ('paid', 'failed', 'returned')) EXECUTE FUNCTION settlement_row_counted();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0010_fund_promises")]

    operations = [migrations.RunSQL(GUARD, "DROP TRIGGER settlement_outcomerow_keep ON settlement_outcomerow; DROP FUNCTION settlement_row_counted")]

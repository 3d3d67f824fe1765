"""A payment goes to an account of its own award and person, whatever state it is in; a row of a bank's answer that was dealt with stays as it
was."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION settlement_payment_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM settlement_account a WHERE a.id = NEW.account_id AND a.award = NEW.award AND a.person = NEW.person) THEN
        RAISE EXCEPTION 'a payment goes to an account of its own award and person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_payment_account BEFORE UPDATE ON settlement_payment FOR EACH ROW
    WHEN (NEW.account_id IS DISTINCT FROM OLD.account_id AND NEW.account_id IS NOT NULL)
    EXECUTE FUNCTION settlement_payment_account();
DROP TRIGGER settlement_outcomerow_keep ON settlement_outcomerow;
CREATE TRIGGER settlement_outcomerow_keep BEFORE DELETE ON settlement_outcomerow FOR EACH ROW
    WHEN (OLD.verdict IN ('paid', 'failed', 'returned', 'pending', 'repeated')) EXECUTE FUNCTION settlement_row_counted();
CREATE TRIGGER settlement_outcomerow_said BEFORE UPDATE ON settlement_outcomerow FOR EACH ROW
    WHEN ((NEW.outcome_id, NEW.line, NEW.reference, NEW.amount_fen, NEW.tail, NEW.code, NEW.told_on) IS DISTINCT FROM
        (OLD.outcome_id, OLD.line, OLD.reference, OLD.amount_fen, OLD.tail, OLD.code, OLD.told_on)
        OR OLD.verdict <> '' AND (NEW.verdict, NEW.found) IS DISTINCT FROM (OLD.verdict, OLD.found))
    EXECUTE FUNCTION settlement_said_guard();
"""
BACK = """
DROP TRIGGER settlement_outcomerow_said ON settlement_outcomerow;
DROP TRIGGER settlement_outcomerow_keep ON settlement_outcomerow;
CREATE TRIGGER settlement_outcomerow_keep BEFORE DELETE ON settlement_outcomerow FOR EACH ROW
    WHEN (OLD.verdict IN ('paid', 'failed', 'returned')) EXECUTE FUNCTION settlement_row_counted();
DROP FUNCTION settlement_payment_account() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0012_guards")]
    operations = [migrations.RunSQL(GUARDS, BACK)]

-- Ranks stand once and for all: of a ranking only its notice is added, its places never change, nor does a sheet whose case is ranked.
CREATE FUNCTION entitlements_review_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'entitlements_reviewsheet' THEN
        IF NOT EXISTS (SELECT 1 FROM entitlements_rankingplace WHERE case_id = coalesce(NEW.case_id, OLD.case_id)) THEN
            RETURN coalesce(NEW, OLD);
        END IF;
    ELSIF TG_TABLE_NAME = 'entitlements_ranking' AND TG_OP = 'UPDATE' THEN
        IF OLD.shown_from IS NULL
            AND (NEW.uid, NEW.programme, NEW.programme_version, NEW.period, NEW.day, NEW.weights, NEW.facts, NEW.digest, NEW.ranked_at, NEW.ranked_by)
            IS NOT DISTINCT FROM
            (OLD.uid, OLD.programme, OLD.programme_version, OLD.period, OLD.day, OLD.weights, OLD.facts, OLD.digest, OLD.ranked_at, OLD.ranked_by)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'ranks that stand are never rewritten: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER entitlements_reviewsheet_keep BEFORE INSERT OR UPDATE OR DELETE ON entitlements_reviewsheet FOR EACH ROW
    EXECUTE FUNCTION entitlements_review_keep();
CREATE TRIGGER entitlements_ranking_keep BEFORE UPDATE OR DELETE ON entitlements_ranking FOR EACH ROW
    EXECUTE FUNCTION entitlements_review_keep();
CREATE TRIGGER entitlements_rankingplace_keep BEFORE UPDATE OR DELETE ON entitlements_rankingplace FOR EACH ROW
    EXECUTE FUNCTION entitlements_review_keep();

-- What a run says of its subjects, and what it changed, for the length of one transaction.
CREATE TEMP TABLE IF NOT EXISTS screened (
    subject uuid PRIMARY KEY,
    area_code text COLLATE "C" NOT NULL,
    verdict text NOT NULL,
    amount_fen bigint,
    missing text[] NOT NULL,
    conditions jsonb NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS ended (id bigint, subject uuid PRIMARY KEY, verdict text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS begun (id bigint, subject uuid PRIMARY KEY, verdict text NOT NULL, amount_fen bigint) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS newer (subject uuid PRIMARY KEY) ON COMMIT DROP;
TRUNCATE screened, ended, begun, newer;

-- The returns that were read, and what became of what each proposed.

CREATE TABLE care_returns (
    -- Made in order of time.
    id uuid PRIMARY KEY,
    -- The day for which it stands.
    as_at date NOT NULL,
    read_at timestamptz NOT NULL,
    -- None: on the store's own command line.
    read_by uuid REFERENCES users (id),
    children bigint NOT NULL,
    episodes bigint NOT NULL,
    errors bigint NOT NULL,
    warnings bigint NOT NULL
);
CREATE INDEX care_returns_read_by ON care_returns (read_by);

-- None: a proposal from before returns were kept.
ALTER TABLE care_proposals ADD COLUMN return_id uuid REFERENCES care_returns (id);
ALTER TABLE care_proposals ADD COLUMN outcome text NOT NULL DEFAULT 'waiting'
    CHECK (outcome IN ('waiting', 'done', 'let_go', 'refused'));
CREATE INDEX care_proposals_return ON care_proposals (return_id, outcome);
CREATE INDEX care_proposals_waiting ON care_proposals (id) WHERE outcome = 'waiting';

-- The returns that were read, and what became of what each proposed.

CREATE TABLE care_returns (
    -- Made in order of time.
    id BLOB PRIMARY KEY,
    -- The day for which it stands.
    as_at TEXT NOT NULL,
    read_at TEXT NOT NULL,
    -- None: on the store's own command line.
    read_by BLOB REFERENCES users (id),
    children INTEGER NOT NULL,
    episodes INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    warnings INTEGER NOT NULL
) STRICT;
CREATE INDEX care_returns_read_by ON care_returns (read_by);

-- None: a proposal from before returns were kept.
ALTER TABLE care_proposals ADD COLUMN return_id BLOB REFERENCES care_returns (id);
ALTER TABLE care_proposals ADD COLUMN outcome TEXT NOT NULL DEFAULT 'waiting'
    CHECK (outcome IN ('waiting', 'done', 'let_go', 'refused'));
CREATE INDEX care_proposals_return ON care_proposals (return_id, outcome);
CREATE INDEX care_proposals_waiting ON care_proposals (id) WHERE outcome = 'waiting';

-- Establishments added by hand, what became of establishments, and imports of the DfE's files from the window.

-- What it is, where GIAS does not know it; none for one of GIAS.
ALTER TABLE establishments ADD COLUMN kind TEXT CHECK (kind IN ('nursery', 'tutor', 'hospital_school', 'school_in_scotland', 'school_in_wales', 'other'));
ALTER TABLE establishments ADD COLUMN ofsted_number TEXT NOT NULL DEFAULT '';
-- One more with every edit by hand.
ALTER TABLE establishments ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- It was added by hand and turned out to be this one: it is in no list any more, and stays for the trail alone.
ALTER TABLE establishments ADD COLUMN joined_to BLOB REFERENCES establishments (id);
CREATE INDEX establishments_la ON establishments (la_name, name_key, id);
CREATE INDEX establishments_phase ON establishments (phase, name_key, id);

-- Which establishment came out of which, for all of England, as the DfE's links file has it.
CREATE TABLE successions (
    from_urn TEXT NOT NULL,
    to_urn TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('became', 'merged', 'split')),
    -- The first day of what came after, where the file says so.
    start_on TEXT,
    decision TEXT CHECK (decision IN ('moved', 'left')),
    decided_at TEXT,
    decided_by BLOB REFERENCES users (id),
    PRIMARY KEY (from_urn, to_urn)
) STRICT, WITHOUT ROWID;
CREATE INDEX successions_to ON successions (to_urn, from_urn);

-- A file of the DfE that was sent from the window: judged, then committed once.
CREATE TABLE establishment_imports (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('establishments', 'links')),
    file_name TEXT NOT NULL,
    begun_by BLOB REFERENCES users (id),
    begun_at TEXT NOT NULL,
    committed_at TEXT,
    -- JSON: what was found, and what the commit did.
    found TEXT NOT NULL,
    result TEXT,
    -- JSON: what was read of the file; it goes with the commit, or after a day.
    content TEXT
) STRICT;
CREATE INDEX establishment_imports_begun ON establishment_imports (begun_at, id);

-- Establishments added by hand, what became of establishments, and imports of the DfE's files from the window.

-- What it is, where GIAS does not know it; none for one of GIAS.
ALTER TABLE establishments ADD COLUMN kind text CHECK (kind IN ('nursery', 'tutor', 'hospital_school', 'school_in_scotland', 'school_in_wales', 'other'));
ALTER TABLE establishments ADD COLUMN ofsted_number text NOT NULL DEFAULT '';
-- One more with every edit by hand.
ALTER TABLE establishments ADD COLUMN revision bigint NOT NULL DEFAULT 1;
-- It was added by hand and turned out to be this one: it is in no list any more, and stays for the trail alone.
ALTER TABLE establishments ADD COLUMN joined_to uuid REFERENCES establishments (id);
CREATE INDEX establishments_la ON establishments (la_name, name_key, id);
CREATE INDEX establishments_phase ON establishments (phase, name_key, id);

-- Which establishment came out of which, for all of England, as the DfE's links file has it.
CREATE TABLE successions (
    from_urn text COLLATE "C" NOT NULL,
    to_urn text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('became', 'merged', 'split')),
    -- The first day of what came after, where the file says so.
    start_on date,
    decision text CHECK (decision IN ('moved', 'left')),
    decided_at timestamptz,
    decided_by uuid REFERENCES users (id),
    PRIMARY KEY (from_urn, to_urn)
);
CREATE INDEX successions_to ON successions (to_urn, from_urn);

-- A file of the DfE that was sent from the window: judged, then committed once.
CREATE TABLE establishment_imports (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('establishments', 'links')),
    file_name text NOT NULL,
    begun_by uuid REFERENCES users (id),
    begun_at timestamptz NOT NULL,
    committed_at timestamptz,
    -- JSON: what was found, and what the commit did.
    found text NOT NULL,
    result text,
    -- JSON: what was read of the file; it goes with the commit, or after a day.
    content text
);
CREATE INDEX establishment_imports_begun ON establishment_imports (begun_at, id);

-- Bulk adds: what was sent, what was found, what came of it.

CREATE TABLE imports (
    id uuid PRIMARY KEY,
    revision bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('users', 'establishments')),
    role text NOT NULL CHECK (role IN ('designated_teacher', 'social_worker', 'other_professional', 'la_user', 'la_super_user')),
    existing text NOT NULL CHECK (existing IN ('refuse', 'skip', 'update')),
    file_name text NOT NULL,
    status text NOT NULL CHECK (status IN ('judged', 'committed')),
    -- None for one begun on the store's own command line.
    begun_by uuid REFERENCES users (id),
    begun_at timestamptz NOT NULL,
    committed_at timestamptz,
    -- The import's own key, sealed by the authority's; what it seals goes after 30 days.
    sealed_key bytea NOT NULL,
    sealed_file bytea,
    sealed_recognised bytea,
    -- JSON: counts of rows and findings, and what the commit did.
    counts text NOT NULL,
    result text
);
CREATE INDEX imports_begun ON imports (begun_at, id);

CREATE TABLE import_findings (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    -- In the order in which they are shown: errors first, then by row.
    position bigint NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    sealed_finding bytea NOT NULL,
    PRIMARY KEY (import_id, position)
);
CREATE INDEX import_findings_severity ON import_findings (import_id, severity, position);

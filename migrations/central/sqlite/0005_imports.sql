-- Bulk adds: what was sent, what was found, what came of it.

CREATE TABLE imports (
    id BLOB PRIMARY KEY,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('users', 'establishments')),
    role TEXT NOT NULL CHECK (role IN ('designated_teacher', 'social_worker', 'other_professional', 'la_user', 'la_super_user')),
    existing TEXT NOT NULL CHECK (existing IN ('refuse', 'skip', 'update')),
    file_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('judged', 'committed')),
    -- None for one begun on the store's own command line.
    begun_by BLOB REFERENCES users (id),
    begun_at TEXT NOT NULL,
    committed_at TEXT,
    -- The import's own key, sealed by the authority's; what it seals goes after 30 days.
    sealed_key BLOB NOT NULL,
    sealed_file BLOB,
    sealed_recognised BLOB,
    -- JSON: counts of rows and findings, and what the commit did.
    counts TEXT NOT NULL,
    result TEXT
) STRICT;
CREATE INDEX imports_begun ON imports (begun_at, id);

CREATE TABLE import_findings (
    import_id BLOB NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    -- In the order in which they are shown: errors first, then by row.
    position INTEGER NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
    sealed_finding BLOB NOT NULL,
    PRIMARY KEY (import_id, position)
) STRICT;
CREATE INDEX import_findings_severity ON import_findings (import_id, severity, position);

-- One engine for several kinds of import: mended in place, columns chosen by hand, invited later, undone.

CREATE TABLE imports_of_kinds (
    id BLOB PRIMARY KEY,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('users', 'pupils', 'establishments')),
    -- For users: the role of those whose row does not name one.
    role TEXT CHECK (role IN ('designated_teacher', 'social_worker', 'other_professional', 'la_user', 'la_super_user')),
    existing TEXT NOT NULL CHECK (existing IN ('refuse', 'skip', 'update')),
    file_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('judged', 'committed', 'undone')),
    -- None for one begun on the store's own command line.
    begun_by BLOB REFERENCES users (id),
    begun_at TEXT NOT NULL,
    committed_at TEXT,
    -- The import's own key, sealed by the authority's; what it seals goes after 30 days.
    sealed_key BLOB NOT NULL,
    sealed_file BLOB,
    sealed_recognised BLOB,
    -- What a person changed of how the file is read: cells, rows left out, columns.
    sealed_mends BLOB,
    mended_cells INTEGER NOT NULL DEFAULT 0,
    -- JSON: counts of rows and findings, and what the commit did.
    counts TEXT NOT NULL,
    -- JSON: how many findings there are of each kind.
    finding_kinds TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    -- When those it created are to be invited, and when they were.
    invite_at TEXT,
    invited_at TEXT,
    undone_at TEXT,
    undone_by BLOB REFERENCES users (id),
    -- JSON: what the undo did.
    undo_result TEXT
) STRICT;
INSERT INTO imports_of_kinds (id, revision, kind, role, existing, file_name, status, begun_by, begun_at, committed_at,
        sealed_key, sealed_file, sealed_recognised, counts, result)
    SELECT id, revision, kind, role, existing, file_name, status, begun_by, begun_at, committed_at, sealed_key,
        sealed_file, sealed_recognised,
        replace(replace(counts, '"users_to_', '"to_'), '"users_not_linked_yet"', '"not_linked_yet"'), result FROM imports;

CREATE TABLE import_findings_by_kind (
    import_id BLOB NOT NULL REFERENCES imports_of_kinds (id) ON DELETE CASCADE,
    -- In the order in which they are shown: errors first, then by row.
    position INTEGER NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
    -- The kind of finding; empty where it was found before kinds were kept.
    code TEXT NOT NULL,
    row_number INTEGER NOT NULL,
    sealed_finding BLOB NOT NULL,
    PRIMARY KEY (import_id, position)
) STRICT;
INSERT INTO import_findings_by_kind (import_id, position, severity, code, row_number, sealed_finding)
    SELECT import_id, position, severity, '', 0, sealed_finding FROM import_findings;

DROP TABLE import_findings;
DROP TABLE imports;
ALTER TABLE imports_of_kinds RENAME TO imports;
ALTER TABLE import_findings_by_kind RENAME TO import_findings;
CREATE INDEX imports_begun ON imports (begun_at, id);
CREATE INDEX imports_to_invite ON imports (invite_at) WHERE invite_at IS NOT NULL AND invited_at IS NULL;
CREATE INDEX import_findings_code ON import_findings (import_id, code, position);
CREATE INDEX import_findings_row ON import_findings (import_id, row_number, position);

-- What a person said of the columns of files with the same headings, for the next such file.
CREATE TABLE import_mappings (
    kind TEXT NOT NULL CHECK (kind IN ('users', 'pupils', 'establishments')),
    -- A keyed hash of the set of headings.
    headings_hash BLOB NOT NULL,
    -- JSON: what each column holds, by a keyed hash of its heading.
    columns TEXT NOT NULL,
    used_at TEXT NOT NULL,
    PRIMARY KEY (kind, headings_hash)
) STRICT, WITHOUT ROWID;

-- Those that an import found and changed, or found and left as they were.
CREATE TABLE import_objects (
    import_id BLOB NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    object_id BLOB NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('updated', 'skipped')),
    -- The object's revision after the import; where it is another now, somebody changed it since.
    revision INTEGER,
    -- Its former values, until an undo or for 30 days.
    sealed_before BLOB,
    undone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (import_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_objects_outcome ON import_objects (import_id, outcome, position);

-- A page of the users of an import; and users are deleted by an undo, which asks who began or undid an import.
DROP INDEX users_import;
CREATE INDEX users_import ON users (import_id, id);
CREATE INDEX imports_begun_by ON imports (begun_by);
CREATE INDEX imports_undone_by ON imports (undone_by) WHERE undone_by IS NOT NULL;

-- The store itself: who it serves, its numbers, what changed, and the audit trail.

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch BLOB NOT NULL,
    authority_name TEXT NOT NULL,
    danger_phone TEXT NOT NULL,
    notification_sender TEXT NOT NULL,
    offline_days INTEGER NOT NULL CHECK (offline_days BETWEEN 1 AND 365),
    -- JSON: settings that no query looks into, such as term dates.
    settings TEXT NOT NULL,
    -- The London day for which pupil_access was last worked out.
    access_as_of TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- One row; its lock is the only one, and is taken last, just before COMMIT.
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The newest number given to a change or a message.
    seq INTEGER NOT NULL,
    -- Changes up to this number have been deleted.
    pruned_seq INTEGER NOT NULL,
    audit_number INTEGER NOT NULL,
    audit_head BLOB NOT NULL
) STRICT;

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    audience_kind TEXT NOT NULL CHECK (audience_kind IN ('everyone', 'la_roles', 'establishment', 'pupil', 'conversation', 'user')),
    -- All zeros where the kind needs none.
    audience_id BLOB NOT NULL,
    entity_kind TEXT NOT NULL CHECK (entity_kind IN ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'message', 'scope_granted', 'scope_revoked')),
    entity_id BLOB NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX changes_audience ON changes (audience_kind, audience_id, seq);
CREATE INDEX changes_at ON changes (at);

CREATE TABLE audit_events (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor BLOB,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BLOB,
    import_id BLOB,
    -- JSON text, hashed exactly as it stands here.
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_object ON audit_events (object_id, number);
CREATE INDEX audit_events_actor ON audit_events (actor, number);
CREATE INDEX audit_events_import ON audit_events (import_id, number);

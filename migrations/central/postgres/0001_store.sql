-- The store itself: who it serves, its numbers, what changed, and the audit trail.

CREATE TABLE store (
    id bigint PRIMARY KEY CHECK (id = 1),
    epoch uuid NOT NULL,
    authority_name text NOT NULL,
    danger_phone text NOT NULL,
    notification_sender text NOT NULL,
    offline_days bigint NOT NULL CHECK (offline_days BETWEEN 1 AND 365),
    -- JSON: settings that no query looks into, such as term dates.
    settings text NOT NULL,
    -- The London day for which pupil_access was last worked out.
    access_as_of date NOT NULL,
    created_at timestamptz NOT NULL
);

-- One row; its lock is the only one, and is taken last, just before COMMIT.
CREATE TABLE counter (
    id bigint PRIMARY KEY CHECK (id = 1),
    -- The newest number given to a change or a message.
    seq bigint NOT NULL,
    -- Changes up to this number have been deleted.
    pruned_seq bigint NOT NULL,
    audit_number bigint NOT NULL,
    audit_head bytea NOT NULL
);

CREATE TABLE changes (
    seq bigint PRIMARY KEY,
    audience_kind text NOT NULL CHECK (audience_kind IN ('everyone', 'la_roles', 'establishment', 'pupil', 'conversation', 'user')),
    -- All zeros where the kind needs none.
    audience_id uuid NOT NULL,
    entity_kind text NOT NULL CHECK (entity_kind IN ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'message', 'scope_granted', 'scope_revoked')),
    entity_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX changes_audience ON changes (audience_kind, audience_id, seq);
CREATE INDEX changes_at ON changes (at);

CREATE TABLE audit_events (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid,
    import_id uuid,
    -- JSON text, hashed exactly as it stands here.
    detail text NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_events_object ON audit_events (object_id, number);
CREATE INDEX audit_events_actor ON audit_events (actor, number);
CREATE INDEX audit_events_import ON audit_events (import_id, number);

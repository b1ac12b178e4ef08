-- Conversations that a participant has muted, or left.

ALTER TABLE participants ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;

-- Who left a conversation: what they wrote stays in it, under their name.
CREATE TABLE former_participants (
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    left_at TEXT NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_participants_user ON former_participants (user_id, conversation_id);

-- Whoever left a conversation is told so on their other devices.
CREATE TABLE changes_told (
    seq INTEGER PRIMARY KEY,
    audience_kind TEXT NOT NULL CHECK (audience_kind IN ('everyone', 'la_roles', 'establishment', 'pupil', 'conversation', 'user')),
    -- All zeros where the kind needs none.
    audience_id BLOB NOT NULL,
    entity_kind TEXT NOT NULL CHECK (entity_kind IN
        ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'conversation_left', 'message', 'reminder',
         'scope_granted', 'scope_revoked')),
    entity_id BLOB NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO changes_told SELECT seq, audience_kind, audience_id, entity_kind, entity_id, at FROM changes;
DROP TABLE changes;
ALTER TABLE changes_told RENAME TO changes;
CREATE INDEX changes_audience ON changes (audience_kind, audience_id, seq);
CREATE INDEX changes_at ON changes (at);

-- Conversations that a participant has muted, or left.

ALTER TABLE participants ADD COLUMN muted boolean NOT NULL DEFAULT FALSE;

-- Who left a conversation: what they wrote stays in it, under their name.
CREATE TABLE former_participants (
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    left_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX former_participants_user ON former_participants (user_id, conversation_id);

-- Whoever left a conversation is told so on their other devices.
ALTER TABLE changes DROP CONSTRAINT changes_entity_kind_check;
ALTER TABLE changes ADD CONSTRAINT changes_entity_kind_check CHECK (entity_kind IN
    ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'conversation_left', 'message', 'reminder',
     'scope_granted', 'scope_revoked'));

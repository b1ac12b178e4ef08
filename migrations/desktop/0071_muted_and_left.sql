-- Conversations that the user has muted, and commands about taking part in one. Every row of the outbox is kept.
ALTER TABLE conversations ADD COLUMN muted INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1));

CREATE TABLE outbox_kept (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id      BLOB NOT NULL UNIQUE,
    conversation_id BLOB,
    kind            TEXT NOT NULL CHECK (kind IN
        ('start_conversation', 'send_message', 'mark_read', 'mark_unread', 'note_read', 'reminder', 'add_participants',
         'leave', 'mute')),
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'needs_attention')),
    version         INTEGER NOT NULL,
    payload         TEXT NOT NULL,
    draft           TEXT,
    written_at      INTEGER NOT NULL,
    maybe_sent      INTEGER NOT NULL DEFAULT 0 CHECK (maybe_sent IN (0, 1)),
    problem         TEXT
) STRICT;
INSERT INTO outbox_kept (seq, command_id, conversation_id, kind, state, version, payload, draft, written_at, maybe_sent, problem)
    SELECT seq, command_id, conversation_id, kind, state, version, payload, draft, written_at, maybe_sent, problem FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_kept RENAME TO outbox;
CREATE INDEX outbox_of_conversation ON outbox (conversation_id, seq);

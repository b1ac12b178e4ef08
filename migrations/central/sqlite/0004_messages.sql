-- Conversations and messages, what was asked for once, and mails to be sent.

CREATE TABLE conversations (
    id BLOB PRIMARY KEY,
    -- The conversation's own key, sealed by the authority's.
    sealed_key BLOB NOT NULL,
    sealed_subject BLOB NOT NULL,
    pupil_id BLOB REFERENCES pupils (id),
    confidential INTEGER NOT NULL,
    started_by BLOB,
    started_at TEXT NOT NULL,
    message_count INTEGER NOT NULL,
    last_number INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_pupil ON conversations (pupil_id, id);

CREATE TABLE participants (
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id),
    joined_at TEXT NOT NULL,
    read_up_to INTEGER NOT NULL,
    read_at TEXT,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX participants_user ON participants (user_id, conversation_id);

CREATE TABLE messages (
    id BLOB PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- Given just before COMMIT; NULL is never seen outside the transaction.
    number INTEGER,
    author_id BLOB,
    sealed_body BLOB NOT NULL,
    sent_at TEXT NOT NULL,
    written_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_conversation ON messages (conversation_id, number);

-- Every command and other request that may come twice, with its answer, for good.
CREATE TABLE commands (
    user_id BLOB NOT NULL,
    command_id BLOB NOT NULL,
    -- A keyed hash of what was asked.
    fingerprint BLOB NOT NULL,
    -- JSON: the answer, without any subject or body.
    answer TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (user_id, command_id)
) STRICT;

CREATE TABLE mails (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('invitation', 'unread')),
    -- What the mail needs and the database may not hold in clear, such as a code.
    sealed_detail BLOB,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped')),
    created_at TEXT NOT NULL,
    sent_at TEXT
) STRICT;
CREATE INDEX mails_state ON mails (state, id);
CREATE INDEX mails_user ON mails (user_id, kind, sent_at);
CREATE UNIQUE INDEX mails_one_unread ON mails (user_id) WHERE kind = 'unread' AND state = 'waiting';

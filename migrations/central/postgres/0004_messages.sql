-- Conversations and messages, what was asked for once, and mails to be sent.

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    -- The conversation's own key, sealed by the authority's.
    sealed_key bytea NOT NULL,
    sealed_subject bytea NOT NULL,
    pupil_id uuid REFERENCES pupils (id),
    confidential boolean NOT NULL,
    started_by uuid,
    started_at timestamptz NOT NULL,
    message_count bigint NOT NULL,
    last_number bigint NOT NULL
);
CREATE INDEX conversations_pupil ON conversations (pupil_id, id);

CREATE TABLE participants (
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id),
    joined_at timestamptz NOT NULL,
    read_up_to bigint NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX participants_user ON participants (user_id, conversation_id);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- Given just before COMMIT; NULL is never seen outside the transaction.
    number bigint,
    author_id uuid,
    sealed_body bytea NOT NULL,
    sent_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX messages_conversation ON messages (conversation_id, number);

-- Every command and other request that may come twice, with its answer, for good.
CREATE TABLE commands (
    user_id uuid NOT NULL,
    command_id uuid NOT NULL,
    -- A keyed hash of what was asked.
    fingerprint bytea NOT NULL,
    -- JSON: the answer, without any subject or body.
    answer text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (user_id, command_id)
);

CREATE TABLE mails (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('invitation', 'unread')),
    -- What the mail needs and the database may not hold in clear, such as a code.
    sealed_detail bytea,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped')),
    created_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX mails_state ON mails (state, id);
CREATE INDEX mails_user ON mails (user_id, kind, sent_at);
CREATE UNIQUE INDEX mails_one_unread ON mails (user_id) WHERE kind = 'unread' AND state = 'waiting';

-- Files that go with messages. Each has a key of its own: sealed by the authority's until a message names the file,
-- then by its conversation's.

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    -- A keyed hash of its SHA-256 and size.
    fingerprint bytea NOT NULL,
    received bigint NOT NULL CHECK (received BETWEEN 0 AND size),
    -- Known once it arrived whole and was judged.
    kind text CHECK (kind IN ('pdf', 'word', 'excel', 'power_point', 'old_office', 'open_document', 'text', 'csv', 'image', 'email', 'macro_document', 'archive')),
    sealed_key bytea NOT NULL,
    sealed_name bytea NOT NULL,
    -- When something of it arrived last: what no message names is forgotten after some days.
    touched_at timestamptz NOT NULL,
    conversation_id uuid REFERENCES conversations (id) ON DELETE CASCADE,
    message_id uuid,
    -- Its place among those of its message.
    position bigint,
    CHECK ((message_id IS NULL) = (conversation_id IS NULL) AND (message_id IS NULL) = (position IS NULL)),
    CHECK (message_id IS NULL OR kind IS NOT NULL)
);
CREATE INDEX attachments_message ON attachments (message_id, position) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_conversation ON attachments (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX attachments_unclaimed ON attachments (user_id, touched_at) WHERE message_id IS NULL;

CREATE TABLE attachment_pieces (
    attachment_id uuid NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    -- How many bytes come before it.
    start bigint NOT NULL,
    sealed_bytes bytea NOT NULL,
    PRIMARY KEY (attachment_id, start)
);

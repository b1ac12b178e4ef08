-- Files that go with messages. Each has a key of its own: sealed by the authority's until a message names the file,
-- then by its conversation's.

CREATE TABLE attachments (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    -- A keyed hash of its SHA-256 and size.
    fingerprint BLOB NOT NULL,
    received INTEGER NOT NULL CHECK (received BETWEEN 0 AND size),
    -- Known once it arrived whole and was judged.
    kind TEXT CHECK (kind IN ('pdf', 'word', 'excel', 'power_point', 'old_office', 'open_document', 'text', 'csv', 'image', 'email', 'macro_document', 'archive')),
    sealed_key BLOB NOT NULL,
    sealed_name BLOB NOT NULL,
    -- When something of it arrived last: what no message names is forgotten after some days.
    touched_at TEXT NOT NULL,
    conversation_id BLOB REFERENCES conversations (id) ON DELETE CASCADE,
    message_id BLOB,
    -- Its place among those of its message.
    position INTEGER,
    CHECK ((message_id IS NULL) = (conversation_id IS NULL) AND (message_id IS NULL) = (position IS NULL)),
    CHECK (message_id IS NULL OR kind IS NOT NULL)
) STRICT;
CREATE INDEX attachments_message ON attachments (message_id, position) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_conversation ON attachments (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX attachments_unclaimed ON attachments (user_id, touched_at) WHERE message_id IS NULL;

CREATE TABLE attachment_pieces (
    attachment_id BLOB NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    -- How many bytes come before it.
    start INTEGER NOT NULL,
    sealed_bytes BLOB NOT NULL,
    PRIMARY KEY (attachment_id, start)
) STRICT;

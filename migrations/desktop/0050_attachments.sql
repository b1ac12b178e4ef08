-- What came with a message: its metadata as the store sent it (JSON of lac-wire), and the names for the index of words.
ALTER TABLE messages ADD COLUMN attachments TEXT;
ALTER TABLE messages ADD COLUMN attachment_names TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_with_attachments ON messages (conversation_id) WHERE attachments IS NOT NULL;

DROP VIEW message_texts;
CREATE VIEW message_texts AS
    SELECT m.number AS number, c.subject AS subject, m.body || m.attachment_names AS body
    FROM messages m JOIN conversations c ON c.id = m.conversation_id;

-- Files that this device holds. One of a draft has the draft's id, one of a message that waits to be sent the
-- message's: they are the user's own and never lost. One with a conversation's id is the store's too: it goes with the
-- conversation, and is fetched again when it is opened.
CREATE TABLE held_attachments (
    id              BLOB PRIMARY KEY,
    draft_id        BLOB,
    message_id      BLOB,
    conversation_id BLOB,
    position        INTEGER NOT NULL,
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    size            INTEGER NOT NULL,
    -- Of what is to be sent.
    sha256          TEXT,
    -- How much of it is here.
    received        INTEGER NOT NULL,
    CHECK (draft_id IS NOT NULL OR message_id IS NOT NULL)
) STRICT;
CREATE INDEX held_attachments_of_draft ON held_attachments (draft_id, position) WHERE draft_id IS NOT NULL;
CREATE INDEX held_attachments_of_message ON held_attachments (message_id, position) WHERE message_id IS NOT NULL;
CREATE INDEX held_attachments_of_conversation ON held_attachments (conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE attachment_pieces (
    attachment_id BLOB NOT NULL REFERENCES held_attachments (id) ON DELETE CASCADE,
    -- How many bytes come before it.
    start         INTEGER NOT NULL,
    bytes         BLOB NOT NULL,
    PRIMARY KEY (attachment_id, start)
) STRICT;

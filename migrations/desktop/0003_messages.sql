-- Conversations, with what their rows in a list show kept beside them, so that no list reads messages.
-- `confirmed` is 0 while only this device knows the conversation. `sort_key` is the number of its newest message, or
-- lies beyond all numbers while it waits to be sent. `read_up_to` is the user's own, with what waits to be sent.
CREATE TABLE conversations (
    id           BLOB PRIMARY KEY,
    confirmed    INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    subject      TEXT NOT NULL,
    pupil_id     BLOB,
    confidential INTEGER NOT NULL CHECK (confidential IN (0, 1)),
    mine         INTEGER NOT NULL CHECK (mine IN (0, 1)),
    wrote        INTEGER NOT NULL CHECK (wrote IN (0, 1)),
    read_up_to   INTEGER NOT NULL,
    sort_key     INTEGER NOT NULL,
    held_count   INTEGER NOT NULL DEFAULT 0,
    held_last    INTEGER NOT NULL DEFAULT 0,
    last_at      INTEGER NOT NULL,
    excerpt      TEXT NOT NULL DEFAULT '',
    unread       INTEGER NOT NULL DEFAULT 0,
    generation   INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_inbox ON conversations (sort_key DESC, id) WHERE mine = 1;
CREATE INDEX conversations_unread ON conversations (sort_key DESC, id) WHERE unread > 0;
CREATE INDEX conversations_sent ON conversations (sort_key DESC, id) WHERE wrote = 1;
CREATE INDEX conversations_of_pupil ON conversations (pupil_id, sort_key DESC, id);

CREATE TABLE participants (
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id         BLOB NOT NULL,
    read_up_to      INTEGER NOT NULL,
    read_at         INTEGER,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

-- The rowid is the number that the store gave, so that both this table and the index below are written at their end
-- and read newest first without sorting.
CREATE TABLE messages (
    number          INTEGER PRIMARY KEY,
    id              BLOB NOT NULL UNIQUE,
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    author_id       BLOB,
    body            TEXT NOT NULL,
    sent_at         INTEGER NOT NULL,
    written_at      INTEGER NOT NULL,
    generation      INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_of_conversation ON messages (conversation_id, number);

CREATE VIEW message_texts AS
    SELECT m.number AS number, c.subject AS subject, m.body AS body
    FROM messages m JOIN conversations c ON c.id = m.conversation_id;

CREATE VIRTUAL TABLE messages_fts USING fts5 (
    subject, body,
    content = 'message_texts', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted leaves no words in the index.
INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);

-- Messages of which a notification was raised on this device, noted before it is raised.
CREATE TABLE notified (
    message_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

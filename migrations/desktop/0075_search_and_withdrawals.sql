-- What a search asks for besides words is found by an index: who wrote, whom it went to, and when.
CREATE INDEX messages_of_author ON messages (author_id, number);
CREATE INDEX messages_by_time ON messages (sent_at);
CREATE INDEX participants_of_user ON participants (user_id, conversation_id);

-- That a message was withdrawn, by whom, when and why (JSON of lac-wire): its text and its files are gone then.
ALTER TABLE messages ADD COLUMN withdrawn TEXT;

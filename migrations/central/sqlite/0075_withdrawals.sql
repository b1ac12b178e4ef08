-- Messages that were withdrawn after a data incident. What they said is kept sealed, for the trail alone: nothing that
-- the store gives out reads it.

CREATE TABLE withdrawals (
    message_id BLOB PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    by_user BLOB NOT NULL,
    at TEXT NOT NULL,
    -- All sealed by the conversation's key.
    sealed_reason BLOB NOT NULL,
    sealed_body BLOB NOT NULL,
    -- Where the subject was withdrawn too.
    sealed_subject BLOB
) STRICT;
CREATE INDEX withdrawals_conversation ON withdrawals (conversation_id);

-- The devices that may have taken a withdrawn message, and when each told that it is gone.
CREATE TABLE withdrawal_devices (
    message_id BLOB NOT NULL REFERENCES withdrawals (message_id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    device_name TEXT NOT NULL,
    last_contact TEXT NOT NULL,
    confirmed_at TEXT,
    PRIMARY KEY (message_id, user_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX withdrawal_devices_waiting ON withdrawal_devices (user_id, device_id) WHERE confirmed_at IS NULL;

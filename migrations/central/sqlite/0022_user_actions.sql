-- Things done to many users at once, in slices: what, by whom, how far, and with whom it went wrong.

CREATE TABLE user_actions (
    id BLOB PRIMARY KEY,
    begun_by BLOB NOT NULL REFERENCES users (id),
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    -- JSON: what is done.
    act TEXT NOT NULL,
    -- A keyed hash of what was asked, to whom included.
    fingerprint BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    failed INTEGER NOT NULL
) STRICT;
CREATE INDEX user_actions_running ON user_actions (begun_at) WHERE state = 'running';
CREATE INDEX user_actions_begun ON user_actions (begun_at);

CREATE TABLE user_action_users (
    action_id BLOB NOT NULL REFERENCES user_actions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'done', 'failed')),
    -- Why it went wrong, in a sentence.
    why TEXT,
    PRIMARY KEY (action_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_action_users_outcome ON user_action_users (action_id, outcome, position);
CREATE INDEX user_action_users_user ON user_action_users (user_id);

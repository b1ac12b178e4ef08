-- Things done to many users at once, in slices: what, by whom, how far, and with whom it went wrong.

CREATE TABLE user_actions (
    id uuid PRIMARY KEY,
    begun_by uuid NOT NULL REFERENCES users (id),
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- JSON: what is done.
    act text NOT NULL,
    -- A keyed hash of what was asked, to whom included.
    fingerprint bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    total bigint NOT NULL,
    done bigint NOT NULL,
    failed bigint NOT NULL
);
CREATE INDEX user_actions_running ON user_actions (begun_at) WHERE state = 'running';
CREATE INDEX user_actions_begun ON user_actions (begun_at);

CREATE TABLE user_action_users (
    action_id uuid NOT NULL REFERENCES user_actions (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    outcome text NOT NULL CHECK (outcome IN ('waiting', 'done', 'failed')),
    -- Why it went wrong, in a sentence.
    why text,
    PRIMARY KEY (action_id, position)
);
CREATE INDEX user_action_users_outcome ON user_action_users (action_id, outcome, position);
CREATE INDEX user_action_users_user ON user_action_users (user_id);

-- Designated Teachers' requests for a colleague.

CREATE TABLE colleague_requests (
    id BLOB PRIMARY KEY,
    asked_by BLOB NOT NULL REFERENCES users (id),
    asked_at TEXT NOT NULL,
    establishment_id BLOB NOT NULL REFERENCES establishments (id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    job_title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_by BLOB REFERENCES users (id),
    decided_at TEXT,
    -- Why it was refused.
    reason TEXT,
    -- The user who came of it.
    user_id BLOB REFERENCES users (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX colleague_requests_asked ON colleague_requests (asked_by, asked_at);
CREATE INDEX colleague_requests_state ON colleague_requests (state, asked_at);
CREATE INDEX colleague_requests_at ON colleague_requests (asked_at, id);

-- Designated Teachers' requests for a colleague.

CREATE TABLE colleague_requests (
    id uuid PRIMARY KEY,
    asked_by uuid NOT NULL REFERENCES users (id),
    asked_at timestamptz NOT NULL,
    establishment_id uuid NOT NULL REFERENCES establishments (id),
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    job_title text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_by uuid REFERENCES users (id),
    decided_at timestamptz,
    -- Why it was refused.
    reason text,
    -- The user who came of it.
    user_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX colleague_requests_asked ON colleague_requests (asked_by, asked_at);
CREATE INDEX colleague_requests_state ON colleague_requests (state, asked_at);
CREATE INDEX colleague_requests_at ON colleague_requests (asked_at, id);

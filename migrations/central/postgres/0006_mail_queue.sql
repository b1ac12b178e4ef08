-- The queue of mails: a mail is claimed before it is sent, tried again when that may help, and says why it failed.

ALTER TABLE mails DROP CONSTRAINT mails_state_check;
ALTER TABLE mails ADD CONSTRAINT mails_state_check CHECK (state IN ('waiting', 'sending', 'sent', 'dropped', 'failed'));
-- How often it was claimed, and when it may be next.
ALTER TABLE mails ADD COLUMN tries bigint NOT NULL DEFAULT 0;
ALTER TABLE mails ADD COLUMN next_try_at timestamptz;
UPDATE mails SET next_try_at = created_at;
ALTER TABLE mails ALTER COLUMN next_try_at SET NOT NULL;
-- Whose it is while it is being sent, and until when nobody else takes it.
ALTER TABLE mails ADD COLUMN claim uuid;
ALTER TABLE mails ADD COLUMN claimed_until timestamptz;
-- How often it is not known whether the server took it.
ALTER TABLE mails ADD COLUMN doubts bigint NOT NULL DEFAULT 0;
-- Why it was not sent the last time, in our words, without an address.
ALTER TABLE mails ADD COLUMN problem text;
DROP INDEX mails_state;
CREATE INDEX mails_state ON mails (state, next_try_at, id);

-- The whole record of a pupil, as LA roles keep it.

ALTER TABLE pupils ADD COLUMN former_names text NOT NULL DEFAULT '';
-- The academic year in which the pupil would be in Reception, where the year group was set by hand.
ALTER TABLE pupils ADD COLUMN reception_year bigint;
ALTER TABLE pupils ADD COLUMN caseworker_id uuid REFERENCES users (id) ON DELETE SET NULL;
-- A user, or else a name.
ALTER TABLE pupils ADD COLUMN social_worker_id uuid REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE pupils ADD COLUMN social_worker_name text NOT NULL DEFAULT '';
ALTER TABLE pupils ADD COLUMN social_worker_team text NOT NULL DEFAULT '';
ALTER TABLE pupils ADD COLUMN social_worker_phone text NOT NULL DEFAULT '';
ALTER TABLE pupils ADD COLUMN ehcp boolean NOT NULL DEFAULT FALSE;
ALTER TABLE pupils ADD COLUMN out_of_authority boolean NOT NULL DEFAULT FALSE;
ALTER TABLE pupils ADD COLUMN no_school_since date;
ALTER TABLE pupils ADD COLUMN no_school_reason text NOT NULL DEFAULT '';

CREATE INDEX pupils_caseworker ON pupils (caseworker_id);
CREATE INDEX pupils_social_worker ON pupils (social_worker_id);
CREATE INDEX pupils_born ON pupils (born, id);
CREATE INDEX pupils_restricted ON pupils (id) WHERE restricted;
-- Turns of the calendar: whose row a new day changes.
CREATE INDEX care_periods_start ON care_periods (start_on);
CREATE INDEX care_periods_end ON care_periods (end_on);
CREATE INDEX enrolments_start ON enrolments (start_on);
CREATE INDEX enrolments_end ON enrolments (end_on);
CREATE INDEX assignments_start ON assignments (start_on);
CREATE INDEX assignments_end ON assignments (end_on);

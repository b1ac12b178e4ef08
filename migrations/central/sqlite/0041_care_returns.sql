-- What an SSDA903 return proposes beside the care periods that are held: nothing is changed until a person confirms it.

CREATE TABLE care_proposals (
    id BLOB PRIMARY KEY,
    pupil_id BLOB NOT NULL REFERENCES pupils (id) ON DELETE CASCADE,
    -- None: a care period to be added. Otherwise the one that would get its end.
    care_period_id BLOB REFERENCES care_periods (id) ON DELETE CASCADE,
    start_on TEXT NOT NULL,
    end_on TEXT,
    -- The day for which the return stands.
    as_at TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX care_proposals_pupil ON care_proposals (pupil_id);
CREATE INDEX care_proposals_period ON care_proposals (care_period_id);

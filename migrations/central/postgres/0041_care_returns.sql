-- What an SSDA903 return proposes beside the care periods that are held: nothing is changed until a person confirms it.

CREATE TABLE care_proposals (
    id uuid PRIMARY KEY,
    pupil_id uuid NOT NULL REFERENCES pupils (id) ON DELETE CASCADE,
    -- None: a care period to be added. Otherwise the one that would get its end.
    care_period_id uuid REFERENCES care_periods (id) ON DELETE CASCADE,
    start_on date NOT NULL,
    end_on date,
    -- The day for which the return stands.
    as_at date NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX care_proposals_pupil ON care_proposals (pupil_id);
CREATE INDEX care_proposals_period ON care_proposals (care_period_id);

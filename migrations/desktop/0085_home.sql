-- What Home counts of looked-after pupils is read from these, without a look at the others.
CREATE INDEX pupils_looked_after ON pupils (id) WHERE payload ->> 'looked_after' = 1;
CREATE INDEX pupils_without_social_worker ON pupils (id)
    WHERE payload ->> 'looked_after' = 1 AND payload ->> 'social_worker' IS NULL;

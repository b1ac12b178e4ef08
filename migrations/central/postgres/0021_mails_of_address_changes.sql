-- Mails that tell both addresses that an account's e-mail address was changed.

ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('invitation', 'unread', 'address_before', 'address_after'));

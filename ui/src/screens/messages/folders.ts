import type { MessageFolder } from '$lib/routes';
import type { IconName } from '../../components/icons';

/** What the folders are called. */
export const FOLDER_NAMES: Record<MessageFolder, string> = {
  inbox: 'Inbox',
  unread: 'Unread',
  drafts: 'Drafts',
  outbox: 'Outbox',
  sent: 'Sent',
  notices: 'Notices',
};

/** What the folders look like. */
export const FOLDER_ICONS: Record<MessageFolder, IconName> = {
  inbox: 'inbox',
  unread: 'unread',
  drafts: 'draft',
  outbox: 'outbox',
  sent: 'send',
  notices: 'info',
};

import type { Account } from '$lib/bindings';
import { announcer } from '$lib/announcer.svelte';
import { forAccount } from '$lib/backend';
import { confirm } from '$lib/confirm.svelte';
import { problemOf } from '$lib/problem';
import { router } from '$lib/router.svelte';
import { HOME } from '$lib/routes';
import { session } from '$lib/session.svelte';

async function out(account: Account, discard_unsent: boolean): Promise<void> {
  await forAccount(account.id)('sign_out', { discard_unsent });
  await session.load();
  router.replace(HOME);
}

/** Signs out of an account; asks before anything that was written would be lost. */
export async function signOut(account: Account): Promise<void> {
  const sure = await confirm.ask({
    title: `Sign out of ${account.authority_name}?`,
    text: 'Its messages are taken off this computer. They are fetched again when you sign in.',
    action: 'Sign out',
    keep: 'Stay signed in',
    warning: false,
  });
  if (!sure) return;
  try {
    await out(account, false);
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (problem.code !== 'unsent_waiting') {
      announcer.say(problem.message, 'problem');
      return;
    }
    const lose = await confirm.ask({
      title: 'Something you wrote would be lost',
      text: problem.message,
      action: 'Sign out and lose it',
      keep: 'Stay signed in',
      warning: true,
    });
    if (!lose) return;
    try {
      await out(account, true);
    } catch (again) {
      announcer.say(problemOf(again).message, 'problem');
    }
  }
}

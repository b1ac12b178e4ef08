/** The one door to the shell: every command and every event passes here, and no other file knows of Tauri. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AccountId, UiEvent } from './bindings';
import type { AccountCommands, AppCommands } from './bindings/commands';
import { problemOf, Refused } from './problem';

/** A command that asks for nothing takes no request. */
type Request<R> = [R] extends [void] ? [] : [request: R];

/** Asks for the account's password; tells whether it was given and right. */
export type AskPassword = (account: AccountId) => Promise<boolean>;

let askPassword: AskPassword | null = null;

/** Names who asks for the password when the store wants it again. */
export function onPasswordNeeded(ask: AskPassword | null): void {
  askPassword = ask;
}

async function call<T>(name: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (thrown) {
    throw new Refused(problemOf(thrown));
  }
}

/** Calls a command of the whole application. */
export function app<K extends keyof AppCommands>(
  name: K,
  ...[request]: Request<AppCommands[K][0]>
): Promise<AppCommands[K][1]> {
  return call(name, { request: request ?? null });
}

/** The commands of one account. When the store wants the password again, it is asked for, and the command goes on. */
export function forAccount(account: AccountId) {
  return async <K extends keyof AccountCommands>(
    name: K,
    ...[request]: Request<AccountCommands[K][0]>
  ): Promise<AccountCommands[K][1]> => {
    for (;;) {
      try {
        return await call<AccountCommands[K][1]>(name, { account, request: request ?? null });
      } catch (thrown) {
        const wanted = problemOf(thrown).code === 'session.confirm_password' && name !== 'confirm_password';
        if (!wanted || !askPassword || !(await askPassword(account))) throw thrown;
      }
    }
  };
}

/** The commands of one account, as `forAccount` gives them. */
export type AccountCall = ReturnType<typeof forAccount>;

/** Listens to what the shell tells; answers with what stops it. */
export function onEvent(hear: (event: UiEvent) => void): Promise<() => void> {
  return listen<UiEvent>('lac', ({ payload }) => {
    hear(payload);
  });
}

import { describe, expect, it } from 'vitest';
import type { AccountCall } from './backend';
import type { CareProposal, CareReturnFile } from './bindings';
import { CareReturnDesk } from './careReturnDesk.svelte';
import { Refused } from './problem';

const file = (path: string): CareReturnFile => ({
  path,
  name: path,
  part: path.startsWith('h') ? 'header' : 'episodes',
  rows: 3,
});

/** A store where so many proposals wait; one of each hundred cannot be done. */
function store(count: number, failsAt = Number.MAX_SAFE_INTEGER) {
  let waiting = Array.from({ length: count }, (_, at) => ({ id: `p${at}` }) as CareProposal);
  const asked: string[] = [];
  let decisions = 0;
  const call = ((name: string, request: { path?: string; ids?: string[] }) => {
    asked.push(name);
    switch (name) {
      case 'look_at_care_return_file':
        return Promise.resolve(file(request.path ?? ''));
      case 'list_care_proposals':
        return Promise.resolve({ rows: waiting, after: null });
      case 'list_care_returns':
        return Promise.resolve({ rows: [], after: null });
      case 'decide_care_proposals': {
        if (++decisions > failsAt) {
          return Promise.reject(
            new Refused({ code: 'offline', message: 'There is no network.', field: null, request_id: null }),
          );
        }
        const ids = request.ids ?? [];
        waiting = waiting.filter((one) => !ids.includes(one.id));
        return Promise.resolve({
          done: ids.length - 1,
          refused: [{ pupil_id: 'a', known_as: 'Tom Reed', why: 'It overlaps.' }],
        });
      }
      default:
        return Promise.reject(new Error(name));
    }
  }) as unknown as AccountCall;
  return { asked, call };
}

describe('the desk of a return', () => {
  it('takes two dropped files in either order, and no two of one kind', async () => {
    const desk = new CareReturnDesk(store(0).call);
    await desk.drop(['episodes 2018.csv', 'header 2018.csv']);
    expect([desk.header?.name, desk.episodes?.name, desk.problems]).toEqual([
      'header 2018.csv',
      'episodes 2018.csv',
      [],
    ]);
    await desk.drop(['header a.csv', 'header b.csv']);
    expect([desk.header?.name, desk.problems.length]).toEqual(['header 2018.csv', 1]);
    await desk.drop(['header a.csv', 'b.csv', 'c.csv']);
    expect(desk.problems[0]?.message).toContain('no others');
  });

  it('reads nothing before both files and a real day are there', async () => {
    const { asked, call } = store(0);
    const desk = new CareReturnDesk(call);
    desk.asAt = { day: '31', month: '2', year: '2018' };
    expect(await desk.readIt()).toBe(false);
    expect(desk.problems.map((one) => one.field)).toEqual(['file', 'file', 'as_at']);
    expect(asked).toEqual([]);
  });

  it('decides piece by piece, and tells what could not be done', async () => {
    const desk = new CareReturnDesk(store(250).call);
    await desk.fetch();
    desk.selection.only(desk.proposals.rows.map((one) => one.id));
    await desk.decide(desk.selection.ids, true);
    expect(desk.decided).toMatchObject({ state: 'over', total: 250, done: 247 });
    expect([desk.decided?.refused.length, desk.proposals.rows.length, desk.selection.none]).toEqual([3, 0, true]);
  });

  it('stops where it is cancelled or the store is gone; the rest waits', async () => {
    const desk = new CareReturnDesk(store(250).call);
    await desk.fetch();
    const going = desk.decide(
      desk.proposals.rows.map((one) => one.id),
      false,
    );
    desk.cancel();
    await going;
    expect([desk.decided?.state, desk.proposals.rows.length]).toEqual(['cancelled', 150]);
    const cut = new CareReturnDesk(store(250, 1).call);
    await cut.fetch();
    await cut.decide(
      cut.proposals.rows.map((one) => one.id),
      true,
    );
    expect([cut.decided?.state, cut.proposals.rows.length, cut.decidingProblem?.code]).toEqual([
      'cancelled',
      150,
      'offline',
    ]);
  });
});

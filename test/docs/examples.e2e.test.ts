import { describe, expect, it } from 'vitest';
import readmeScenarios from '../vectors/readme.json' with { type: 'json' };
import { type ExampleOutput, runExample, startExample } from './run-example.js';

/** The text after `label` on the line that begins with it. */
function after({ stdout, stderr }: ExampleOutput, label: string): string {
  const line = stdout.split('\n').find((candidate) => candidate.startsWith(label));
  if (line === undefined) throw new Error(`no line begins with "${label}":\n${stdout}\n${stderr}`);
  return line.slice(label.length).trim();
}

function expectCleanEnd(output: ExampleOutput): void {
  expect(output).toMatchObject({ code: 0, stderr: '' });
}

describe('examples/matrix-pipeline', () => {
  it('computes the same products in both orders, the first after one inverse in demand order and after all in the other', async () => {
    // With one thread the order of the computing does not depend on how long anything takes.
    const output = await runExample('matrix-pipeline', '--matrices 8 --order 12 --acquisition-ms 2 --threads 1');
    expectCleanEnd(output);
    expect(after(output, 'final results:')).toBe('64, the same in both orders: 64');
    expect(Number(after(output, 'largest residual of an inverse:'))).toBeLessThan(1e-9);
    expect(after(output, 'inverses computed before the first product').split(/\s{2,}/)).toEqual(['1 of 8', '8 of 8']);
    for (const run of ['demand order', 'submission order']) {
      expect(output.stdout).toContain(`${run}: acquire 8/8\n`);
      expect(output.stdout).toContain(`${run}: compute 72/72\n`);
    }
  });

  it('runs on several threads', async () => {
    const output = await runExample('matrix-pipeline', '--matrices 12 --order 20 --acquisition-ms 2 --threads 2');
    expectCleanEnd(output);
    expect(after(output, 'final results:')).toBe('144, the same in both orders: 144');
    expect(after(output, 'most alike:')).toMatch(
      /^the weather from 201\d-\d\d-\d\d and from 201\d-\d\d-\d\d, deviation/,
    );
  });

  it('says which option is wrong', async () => {
    const output = await runExample('matrix-pipeline', '--order ten');
    expect(output.code).toBe(1);
    expect(output.stderr).toContain('--order takes a positive integer, got ten');
  });
});

describe('examples/even-odd', () => {
  it('acquires and adds up in the order of the recorded scenario, every pair once', async () => {
    const recorded = readmeScenarios.find(({ name }) => name === 'readme-even-odd')?.trace ?? [];
    const expected = recorded.filter(({ event }) => event === 'start').map(({ id }) => id);
    const output = await runExample('even-odd');
    expectCleanEnd(output);
    const started = after(output, 'started:').split(' ');
    expect(started).toHaveLength(48);
    const acquisitions = (ids: readonly string[]) => ids.filter((id) => !id.startsWith('pair'));
    expect(acquisitions(started)).toEqual(acquisitions(expected));
    // Up to here each acquisition completes one pair, whatever the two take; later rows depend on the time it takes.
    expect(started.slice(0, 3)).toEqual(['even5', 'odd5', 'pair5-5']);
    expect(after(output, 'acquired when the first of 36 sums was there:')).toBe('2 of 12');
    const places = [0, 1, 2, 3, 4, 5];
    const sums = places.flatMap((i) => places.map((j) => `pair${i}-${j}=${2 * i + 2 * j + 1}`));
    expect(after(output, 'sums:').split(' ').sort()).toEqual(sums.sort());
  });
});

describe('examples/resume', () => {
  it('does after a kill what was missing, and after a correction what depends on it', async () => {
    const output = await runExample('resume');
    expectCleanEnd(output);
    expect(after(output, 'killed:')).toBe('after 20 tasks');
    const lives = ['resumed:', 'again:', 'one day corrected:'].map((label) => {
      const [, restored, ran] = /restored (\d+), ran (\d+)$/.exec(after(output, label)) ?? [];
      return [Number(restored), Number(ran)];
    });
    const [[restored = 0] = []] = lives;
    // The signal may come when some more are done.
    expect(restored).toBeGreaterThanOrEqual(20);
    expect(lives).toEqual([
      [restored, 53 - restored],
      [53, 0],
      [50, 3],
    ]);
  });
});

describe('examples/find-minima', () => {
  it('works on minima while the search goes on, and ends handles beyond the last one', async () => {
    const output = await runExample('find-minima');
    expectCleanEnd(output);
    expect(after(output, 'minima found:')).toBe('61, the first 313.21 ppm in 1958-09-01');
    const [, computed, during] =
      /^(\d+), while the search went on: (\d+)$/.exec(after(output, 'rises computed:')) ?? [];
    expect(computed).toBe('60');
    expect(Number(during)).toBeGreaterThan(0);
    expect(after(output, 'asked for in vain, as there are no more minima:')).toBe('20');
    expect(after(output, '  1958-09-01 to 1959-10-01:')).toBe('0.11 ppm a year');
  });
});

describe('examples/invariants', () => {
  it('finds the way to a task that never settles, and none once that is mended', async () => {
    const output = await runExample('invariants');
    expectCleanEnd(output);
    expect(after(output, 'instead:')).toBe('from here on, calibrate can never settle');
    expect(output.stdout).toContain('3. task expose: the function fails\n');
    expect(output.stdout).toContain('sequenceDiagram\n');
    expect(output.stdout.split('mended:\n')[1]).toContain('every invariant holds in every state\n');
  });
});

describe('examples/stop-resume', () => {
  it('leaves a part of the files when stopped, and all of them after it resumed, with nothing done twice', async () => {
    const output = await runExample('stop-resume');
    expectCleanEnd(output);
    const [first, second, last] = output.stdout.split('\n').filter((line) => line.includes('tasks started:'));
    const [, months, summaries] = /^stopped: (\d+) months, (\d+) summaries, 0 reports/.exec(first ?? '') ?? [];
    expect(Number(summaries)).toBeGreaterThanOrEqual(10);
    expect(Number(summaries)).toBeLessThan(48);
    expect(Number(months)).toBeLessThan(48);
    expect(second).toBe(first);
    expect(last).toBe('idle: 48 months, 48 summaries, 1 reports, tasks started: 97');
    expect(after(output, 'started more than once:')).toBe('0 of 97 tasks');
    expect(after(output, 'report:')).toMatch(/^48 months, 2012-01,31,.* to 2015-12,31,/);
    expect(after(output, 'why nothing goes on:')).toContain('stopped');
  });
});

describe('examples/instrument-hold', () => {
  it('keeps sessions apart and says who holds what when nobody releases', async () => {
    const output = await runExample('instrument-hold');
    expectCleanEnd(output);
    const order = after(output, 'order:').split(', ');
    const expected = ['c', 'b', 'a'].flatMap((session) => [
      `connect ${session}`,
      ...[1, 2, 3].map((channel) => `measure ${session}${channel}`),
      `disconnect ${session}`,
    ]);
    expect(order).toEqual(expected);
    const stall = after(output, 'stalled:');
    expect(stall).toContain('connect-late cannot proceed');
    expect(stall).toContain('held by connect-held');
    expect(after(output, 'why connect-late is ready:')).toContain('connect-held');
    expect(after(output, 'after the release:')).toBe('connect-late is done, the scheduler idle');
  });
});

describe('examples/generated-work', () => {
  it('finds the hot days in a list that grows as it is worked on, with few periods under way', async () => {
    const output = await runExample('generated-work');
    expectCleanEnd(output);
    expect(after(output, 'looked at:')).toBe('4 years, 48 months, 245 of 1461 days, 297 periods in all');
    const hotDays = after(output, 'hot days:').split(' ');
    expect([hotDays.length, hotDays[0], hotDays.at(-1)]).toEqual([16, '2012-08-04', '2015-08-01']);
    expect(after(output, 'under way at most:')).toMatch(/^[1-4] of 4$/);
    expect(after(output, 'the list was loaded more than once:')).toBe('true');
  });
});

describe('examples/bus', () => {
  it('has every job done once, though one of its schedulers vanishes', async () => {
    const output = await runExample('bus');
    expectCleanEnd(output);
    expect(after(output, 'results:')).toBe('30 of 30, each told once: true');
    expect(after(output, 'begun again elsewhere:')).toBe('some');
    expect(after(output, 'warmest day:')).toBe('35.6 °C');
    expect(output.stdout).toContain('\nclosed\n');
  });
});

describe('examples/http-service', () => {
  it('turns readings and requests into jobs, explains the waiting ones, and ends tidily', async () => {
    const service = startExample('http-service', '--interval-ms 1');
    const base = (await service.lineWith('listening on')).replace('listening on ', '');
    const post = (path: string, body?: unknown) =>
      fetch(`${base}${path}`, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const get = async (path: string): Promise<unknown> => (await fetch(`${base}${path}`)).json();

    const events = followEvents(await fetch(`${base}/events`));
    expect(await (await post('/stop')).json()).toEqual({ state: 'stopped' });
    const accepted = await post('/jobs', { readings: [1, 2, 6] });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe('/jobs/request-1');
    await post('/jobs', { jobs: ['request-1', 'request-1'] });
    await post('/jobs', { readings: [] });
    await post('/jobs', { jobs: ['request-3'] });
    expect(await get('/jobs/request-1')).toMatchObject({ id: 'request-1', why: { reason: 'stopped' } });
    expect(await get('/jobs/request-2')).toMatchObject({ id: 'request-2', state: 'pending' });

    await post('/start');
    await events.until((id, state) => id === 'request-4' && state === 'failed');
    await events.until((id, state) => id === 'request-2' && state === 'done');
    const day = await events.until((id, state) => id.startsWith('day-') && state === 'done');
    expect(await get(`/jobs/${day}`)).toMatchObject({ state: 'done', result: { count: 24 } });
    expect(await get('/jobs/request-1')).toEqual({
      id: 'request-1',
      state: 'done',
      result: { count: 3, mean: 3, lowest: 1, highest: 6 },
    });
    expect(await get('/jobs/request-2')).toMatchObject({ state: 'done', result: { count: 6, mean: 3 } });
    expect(await get('/jobs/request-3')).toMatchObject({
      state: 'failed',
      error: 'RangeError: no readings to summarise',
    });
    expect(await get('/jobs/request-4')).toMatchObject({ state: 'failed' });

    expect((await fetch(`${base}/jobs/nobody`)).status).toBe(404);
    expect((await post('/jobs', { jobs: ['nobody'] })).status).toBe(400);
    expect((await post('/jobs', { readings: ['1'] })).status).toBe(400);
    expect((await post('/jobs', { readings: Array.from({ length: 50_000 }, () => 1) })).status).toBe(413);

    // One that waits when the service ends.
    await post('/stop');
    expect((await post('/jobs', { readings: [1] })).status).toBe(202);
    service.terminate();
    await events.end;
    const output = await service.ended;
    expectCleanEnd(output);
    expect(output.stdout).toContain('closed, no connection left');
  });
});

describe('examples/shared-folder', () => {
  it('divides the work among processes, and does that of the one that was killed', async () => {
    const output = await runExample('shared-folder');
    expectCleanEnd(output);
    // Each of the 63 years and the report; a participant that is slow for a moment may have a task taken over.
    expect(Number(after(output, 'tasks done by the other 3:'))).toBeGreaterThanOrEqual(64);
    expect(after(output, 'reports that they have:')).toBe('1');
    expect(after(output, 'the report:')).toBe('63 years, the steepest rise in 2016: 3.39 ppm');
    expect(after(output, 'tasks in the folder:')).toBe('64');
  });
});

describe('examples/processes', () => {
  it('solves what can be solved, while the rest crashes or runs out of time', async () => {
    const output = await runExample('processes', '--timeout-ms 12000');
    expectCleanEnd(output);
    expect(after(output, 'ends:')).toBe('12 done, 1 worker-crashed, 1 timed-out');
    expect(Number(after(output, 'largest residual:'))).toBeLessThan(1e-9);
    expect(after(output, 'steps to the root of x³ + x - 10:')).toMatch(/^\d+, the last 2\.000000$/);
  });
});

describe('examples/opentelemetry', () => {
  it('sends a job as one trace, attempts below their tasks', async () => {
    const output = await runExample('opentelemetry');
    expectCleanEnd(output);
    expect(after(output, 'traces:')).toBe('1, requests with metrics: 1');
    expect(after(output, 'errors of the instrument:')).toBe('0');
    expect(output.stdout).toContain('\nreport\n  task load  done\n    attempt load  ');
    expect(output.stdout).toContain('    attempt load  failed, Error\n    attempt load  done\n');
    expect(output.stdout).toContain('  task compare  done, links: 2\n    attempt compare  done\n');
  });
});

describe('examples/commands', () => {
  it('hands bytes from one program to the next unharmed, and says how each ended', async () => {
    const output = await runExample('commands');
    expectCleanEnd(output);
    for (const year of ['1960', '1970', '1980', '1990']) {
      expect(after(output, `${year}:`)).toBe('packed and unpacked, the same text');
    }
    expect(after(output, 'the first month above 350 ppm among them:')).toMatch(/^1990-\d\d-\d\d 35\d\.\d\d$/);
    expect(after(output, 'such months:')).toMatch(/^\d+; above 999 ppm: exit code 1$/);
    expect(after(output, 'refused:')).toMatch(/^exit code \d+, with a reason$/);
  });
});

interface TaskEvent {
  readonly id: string;
  readonly state: string;
}

/** Reads a stream of server-sent events and lets one wait for an event of a task, also one that has come already. */
function followEvents(response: Response) {
  const seen: TaskEvent[] = [];
  let wake = (): void => {};
  let text = '';
  const end = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [type, data] = block.split('\n');
        if (type === 'event: task' && data !== undefined)
          seen.push(JSON.parse(data.replace('data: ', '')) as TaskEvent);
      }
      wake();
    }
  })();
  return {
    end,
    /** The id of the task. */
    async until(isWanted: (id: string, state: string) => boolean): Promise<string> {
      for (;;) {
        const wanted = seen.find(({ id, state }) => isWanted(id, state));
        if (wanted !== undefined) return wanted.id;
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([more, end.then(() => Promise.reject(new Error('the events ended')))]);
      }
    },
  };
}

describe('examples/observatory', () => {
  it('gives way to the urgent, tries again, and tells every end', async () => {
    const output = await runExample('observatory');
    expectCleanEnd(output);
    expect(output.stdout.split('\n').filter(Boolean)).toEqual([
      'burst: done',
      'notice: done',
      'circular about GRB.fits',
      'setting: cancelled',
      'flat: cancelled',
      expect.stringMatching(/^faint: done after 3 attempts$/),
      expect.stringMatching(/^survey: done after \d attempts$/),
      'stuck: timed-out',
      'stuck is timed-out',
      expect.stringMatching(/^exposures: M31 1, GRB 1, .*Pluto 3, .*Vega 1$/),
    ]);
  });
});

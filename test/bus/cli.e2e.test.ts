import { describe, expect, onTestFinished, test } from 'vitest';
import { type CliOutput, cli, type RunningCli, startCli } from '../support/cli.js';
import { cleanUp, newBus } from './bus-kit.js';
import { simpleBus } from './simple-bus.js';
import { until, WirePeer } from './wire.js';

const TASKS = 'test/bus/fixtures/job-tasks.js';

interface RunningBus {
  readonly url: string;
  readonly bus: RunningCli;
}

async function startBus(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunningBus> {
  const bus = startCli(['bus', '--port', '0', ...args], env);
  let printed = '';
  bus.child.stdout?.on('data', (text: string) => {
    printed += text;
  });
  await bus.until('\n');
  await until(() => printed.includes('\n'));
  const url = /^listening on (ws:\S+)\n$/.exec(printed)?.[1] ?? '';
  return { url, bus };
}

/** The address of a bus in this process. */
async function busHere(): Promise<string> {
  onTestFinished(cleanUp);
  return (await newBus()).url;
}

/** A scheduler that the bus knows, which a timed job shows. */
async function startScheduler(url: string, args: readonly string[] = []): Promise<RunningCli> {
  const scheduler = startCli(['schedule', '--url', url, ...args]);
  const producer = await WirePeer.producer(url);
  producer.send({ cmd: 'job_request', ref: 'first', payload: { runtime: 0.01 } });
  await producer.next({ event: 'done', ref: 'first' });
  producer.socket.close();
  return scheduler;
}

const lines = ({ stdout }: CliOutput): string[] => stdout.trimEnd().split('\n');

describe('pullgraph bus', () => {
  test('hands jobs of the simple protocol on, and ends at a signal', async () => {
    const { url, bus } = await startBus();
    const scheduler = await WirePeer.open(url, { cmd: 'register', type: 'scheduler' });
    const producer = await WirePeer.open(url, { cmd: 'register', type: 'producer' });
    producer.send({ cmd: 'job_request', payload: { priority: 0, runtime: 1 } });
    await until(() => scheduler.frames.length === 1);
    expect(scheduler.frames).toEqual([{ priority: 0, runtime: 1 }]);
    bus.child.kill('SIGTERM');
    expect(await bus.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await producer.closed).toMatchObject({ code: 1001 });
  });

  test('with --broadcast gives every simple job to every scheduler', async () => {
    const { url } = await startBus(['--broadcast']);
    const schedulers = [1, 2].map(() => WirePeer.open(url, { cmd: 'register', type: 'scheduler' }));
    const both = await Promise.all(schedulers);
    const producer = await WirePeer.open(url, { cmd: 'register', type: 'producer' });
    const ask = (): void => producer.send({ cmd: 'job_request', payload: { priority: 0, runtime: 1 } });
    // Nothing is kept for one that is not there yet, so it is asked until both are.
    const asking = setInterval(ask, 20);
    onTestFinished(() => clearInterval(asking));
    await until(() => both.every(({ frames }) => frames.length > 0));
    expect(both.map(({ frames }) => frames[0])).toEqual([
      { priority: 0, runtime: 1 },
      { priority: 0, runtime: 1 },
    ]);
  });

  test('takes its token from the environment, and refuses who has another', async () => {
    const { url } = await startBus([], { PULLGRAPH_BUS_TOKEN: 'secret' });
    const refused = await cli(['produce', '--url', url, '--token', 'wrong']);
    expect(refused).toEqual({
      code: 255,
      stdout: '',
      stderr: 'pullgraph produce: the bus refuses: a token is missing or wrong\n',
    });
    await WirePeer.producer(url, { token: 'secret' });
  });

  test.each([
    [['bus', '--port', '0', '--host', '203.0.113.1'], /^pullgraph bus: .*EADDRNOTAVAIL/],
    [['produce', '--url', 'http://x'], /^pullgraph produce: the address of a bus must begin with ws/],
    [['schedule', '--tasks', 'nowhere.js'], /^pullgraph schedule: .*nowhere\.js/],
    [['schedule', '--tasks', 'package.json'], /^pullgraph schedule: /],
  ])('%j ends with 255 and says why', async (args, message) => {
    const { code, stderr } = await cli(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(255);
  });
});

describe('pullgraph produce and pullgraph schedule', () => {
  test('ask for jobs and do them', async () => {
    const url = await busHere();
    const scheduler = await startScheduler(url, ['-s', '2']);
    const args = ['--count', '5', '--period', '0.01', '--gauss', '--sigma', '0.02', '--runtime', '0.02'];
    const output = await cli(['produce', '--url', url, ...args]);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    for (const ref of ['1', '2', '3', '4', '5']) {
      const told = lines(output).filter((line) => line.startsWith(`${ref} `));
      // Their priorities are left to chance: one may have to make room for another, as often as it takes.
      expect(told.map((line) => line.slice(ref.length + 1)).join(' ')).toMatch(
        /^queued accepted started (evicted started )*done$/,
      );
    }
    scheduler.child.kill('SIGINT');
    expect(await scheduler.ended).toMatchObject({ code: 130 });
  });

  test('end when the bus that they come back to refuses them, with what had not ended as failed', async () => {
    const first = await startBus();
    const { port } = new URL(first.url);
    const producer = startCli(['produce', '--url', first.url, '--period', '0.01']);
    await producer.until('20 queued');
    first.bus.child.kill('SIGKILL');
    await first.bus.ended;
    await startBus(['--port', port], { PULLGRAPH_BUS_TOKEN: 'secret' });
    const { code, stdout, stderr } = await producer.ended;
    expect(stderr).toMatch(/\npullgraph produce: the bus refuses: a token is missing or wrong\n$/);
    expect(stdout).toContain('1 failed (bus-unavailable): the bus refuses');
    expect(code).toBe(255);
  });

  test('end quietly when their stdout is closed', async () => {
    const url = await busHere();
    const producer = startCli(['produce', '--url', url, '--period', '0.01', '--runtime', '0.01']);
    await producer.until('queued');
    const scheduler = startCli(['schedule', '--url', url]);
    await scheduler.until('done');
    for (const { child } of [producer, scheduler]) child.stdout?.destroy();
    for (const { ended } of [scheduler, producer]) expect(await ended).toMatchObject({ code: 141, stderr: '' });
  });

  test('call the functions of a module in threads, with partial results', async () => {
    const url = await busHere();
    await startScheduler(url, ['-s', '2', '--tasks', TASKS]);
    const produce = (...args: string[]) => cli(['produce', '--url', url, '--count', '1', ...args]);
    const added = await produce('--task', 'add', '--args', '[1,2]');
    expect(lines(added).at(-1)).toBe('1 done {"sum":3,"isInThread":true}');
    const counted = await produce('--task', 'countDown', '--args', '[2]');
    expect(lines(counted).slice(-3)).toEqual(['1 partial 2', '1 partial 1', '1 done']);
  });

  test('print the text of others as one line without control characters', async () => {
    const url = await busHere();
    await startScheduler(url, ['-s', '1', '--tasks', TASKS]);
    const failed = await cli(['produce', '--url', url, '--count', '1', '--task', 'evil']);
    expect(lines(failed).slice(3)).toEqual([
      String.raw`1 failed (error): x\n7 done "forged"\n\u{1b}]0;title\u{7}\u{9b}2J\u{202e}`,
    ]);
    const done = await cli(['produce', '--url', url, '--count', '1', '--task', 'evilValue']);
    expect(lines(done).slice(3)).toEqual([String.raw`1 done "\u{9b}2J\u{2028}\u{202e}"`]);
  });

  test('say at once that no scheduler runs the task, and that one which reports nothing has got a job', async () => {
    const url = await busHere();
    const simple = await WirePeer.open(url, { cmd: 'register', type: 'scheduler' });
    const producer = startCli(['produce', '--url', url, '--count', '1', '--task', 'resize']);
    await producer.until('1 queued');
    producer.child.kill('SIGINT');
    producer.child.kill('SIGTERM');
    expect((await producer.ended).stderr).toContain('no connected scheduler runs the task resize');
    const timed = await cli(['produce', '--url', url, '--count', '1']);
    expect([timed.code, lines(timed)]).toEqual([0, ['1 queued', '1 handed-over']]);
    await until(() => simple.frames.length === 1);
  });

  test('work at a bus of the simple protocol, and say what does not', async () => {
    onTestFinished(cleanUp);
    const bus = await simpleBus();
    const scheduler = startCli(['schedule', '--url', bus.url]);
    await until(() => bus.schedulers.size === 1);
    const sent = await cli(['produce', '--simple', '--url', bus.url, '--count', '1', '--runtime', '0.01']);
    expect(sent).toMatchObject({ code: 0, stdout: '1 handed-over\n', stderr: '' });
    await scheduler.until('simple-broadcast-1.1 done');
    scheduler.child.kill('SIGTERM');
    expect((await scheduler.ended).stderr).toContain('the bus speaks the simple protocol');
  });

  test('end a job that takes too long, even one that never yields, and count it', async () => {
    const url = await busHere();
    const scheduler = await startScheduler(url, ['-s', '1', '-t', '0.3', '--tasks', TASKS]);
    const output = await cli(['produce', '--url', url, '--count', '1', '--task', 'spin']);
    expect(lines(output).at(-1)).toMatch(/^1 failed \(timed-out\): .*300 ms/);
    expect(output.code).toBe(1);
    scheduler.child.kill('SIGTERM');
    expect(await scheduler.ended).toMatchObject({ code: 143 });
  });

  test('a scheduler that is killed loses its job to another', async () => {
    const url = await busHere();
    const first = await startScheduler(url, ['-s', '1']);
    const producer = await WirePeer.producer(url);
    producer.send({ cmd: 'job_request', ref: 'a', payload: { runtime: 600 } });
    await producer.next({ event: 'started', attempt: 1 });
    first.child.kill('SIGKILL');
    await producer.next({ event: 'requeued', reason: 'scheduler-lost' });
    startCli(['schedule', '--url', url, '-s', '1']);
    expect(await producer.next({ event: 'started', attempt: 2 })).toMatchObject({ ref: 'a' });
  });

  test('a scheduler asked to end waits for what runs and hands back the rest', async () => {
    const url = await busHere();
    const scheduler = await startScheduler(url, ['-s', '1']);
    const producer = await WirePeer.producer(url);
    producer.send({ cmd: 'job_request', ref: 'long', payload: { runtime: 600 } });
    await producer.next({ event: 'started', ref: 'long' });
    producer.send({ cmd: 'job_request', ref: 'next', payload: { runtime: 1 } });
    await producer.next({ event: 'accepted', ref: 'next' });
    scheduler.child.kill('SIGINT');
    await producer.next({ event: 'requeued', ref: 'next', reason: 'handed-back' });
    scheduler.child.kill('SIGINT');
    await producer.next({ event: 'requeued', ref: 'long', reason: 'scheduler-lost' });
    expect((await scheduler.ended).code).toBe(130);
  });
});

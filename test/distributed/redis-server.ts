/**
 * A real Redis for tests: the one at `REDIS_URL`, else one of its own for each caller, on a free port of the loopback with a temporary
 * folder. Where redis-server is not installed and Debian's package may be, it is; only `PULLGRAPH_SKIP_REDIS=1` skips these tests.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the tests that need Redis are skipped, which only this variable does. */
export const SKIPS_REDIS = process.env['PULLGRAPH_SKIP_REDIS'] === '1';

/** A server, or the one at `REDIS_URL`, which is not ours to start or stop. */
export interface RedisServer {
  readonly url: string;
  /** Unique to this caller, so that callers may share a server. */
  readonly prefix: string;
  /** Its process; undefined for the one at `REDIS_URL`. */
  readonly pid: number | undefined;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, on the same port, with what it has on its disk. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** @param options - further arguments of redis-server. A test that kills it must be `own`, whatever `REDIS_URL` says. */
export async function redisServer(options: readonly string[] = [], own = false): Promise<RedisServer> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const given = process.env['REDIS_URL'];
  const nothing = async (): Promise<void> => {};
  if (given !== undefined && !own && options.length === 0) {
    return { url: given, prefix, pid: undefined, kill: nothing, start: nothing, close: nothing };
  }
  const program = redisProgram();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'pullgraph-redis-'));
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...options];
  let child = await started(program, args);
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    prefix,
    get pid() {
      return child.pid;
    },
    kill,
    start: async () => {
      child = await started(program, args);
    },
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function started(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`redis-server ended: ${log}`)));
  });
  return child;
}

/** The installed redis-server, installed first where that is possible. */
function redisProgram(): string {
  if (isThere()) return 'redis-server';
  if (process.getuid?.() === 0) {
    try {
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { stdio: 'ignore' });
    } catch {
      // The message below says what to do.
    }
    if (isThere()) return 'redis-server';
  }
  const advice = 'install redis-server (apt-get install redis-server), or set REDIS_URL to a Redis that may be used';
  throw new Error(`there is no Redis for these tests: ${advice}. PULLGRAPH_SKIP_REDIS=1 skips them`);
}

function isThere(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

/**
 * Several computers divide tasks over a shared folder, without a server. Here they are processes: all submit the same tasks,
 * the yearly means of the CO2 concentration at Mauna Loa and the steepest rise among them, and each task runs in one of them.
 * One process is killed in the middle of a task; another runs that task again.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMessage, type Message } from './messages.js';

const PARTICIPANT = new URL('./participant.ts', import.meta.url);

const folder = await mkdtemp(join(tmpdir(), 'pullgraph-shared-folder-'));
try {
  await shareWork();
} finally {
  await rm(folder, { recursive: true });
}

async function shareWork(): Promise<void> {
  const victim = fork(PARTICIPANT, [folder, 'hang']);
  await messageOf(victim, 'hanging');
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  console.log('one participant was killed in the middle of a task');

  const participants = [1, 2, 3].map(() => fork(PARTICIPANT, [folder]));
  const ends = await Promise.all(participants.map((participant) => messageOf(participant, 'done')));
  const reports = new Set(ends.map(({ report }) => report));
  const done = ends.reduce((sum, { runs }) => sum + runs, 0);
  console.log(`tasks done by the other ${ends.length}: ${done}`);
  console.log(`reports that they have: ${reports.size}`);
  console.log(`the report: ${[...reports].join()}`);
  const logs = new Set((await readdir(folder)).flatMap((name) => /^task-(.+)\.\d+$/.exec(name)?.[1] ?? []));
  console.log(`tasks in the folder: ${logs.size}`);
}

/** The first message of that kind. Rejects if the process ends before. */
function messageOf<K extends Message['kind']>(child: ChildProcess, kind: K): Promise<Extract<Message, { kind: K }>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (isMessage(message, kind)) resolve(message);
    });
    child.on('exit', (code) => reject(new Error(`a participant ended with ${code ?? 'a signal'}`)));
  });
}

/**
 * Shares an exclusive instrument between sessions. Connecting takes the only slot of the instrument's queue and holds it
 * beyond the end of the task, until the disconnecting task has run, so sessions do not interfere. The last session is never
 * disconnected: the tasks that wait for the instrument can never start, and are reported by name instead of hanging.
 */
import { type Handle, Scheduler, SchedulerError } from 'pullgraph';

const log: string[] = [];

function connect(session: string): string {
  log.push(`connect ${session}`);
  return session;
}

function measure(session: string, channel: number): string {
  log.push(`measure ${session}${channel}`);
  return `${session}${channel}`;
}

function disconnect(session: string, readings: readonly string[]): readonly string[] {
  log.push(`disconnect ${session}`);
  return readings;
}

await using scheduler = new Scheduler();
const instrument = scheduler.queue('instrument', { concurrency: 1 });
// Work over a connection needs no slot of its own: the connection holds it.
const commands = scheduler.queue('commands', { concurrency: 2 });

function openSession(session: string): Handle<string> {
  return instrument.submit({ id: `connect-${session}`, hold: true }, connect, session);
}

function closeSession(connection: Handle<string>, readings: readonly Handle<string>[]): Handle<readonly string[]> {
  return commands.submit({ release: [connection] }, disconnect, connection, readings);
}

const sessions = ['a', 'b', 'c'].map((session) => {
  const connection = openSession(session);
  const readings = [1, 2, 3].map((channel) => commands.submit(measure, connection, channel));
  return closeSession(connection, readings);
});
scheduler.start();
await scheduler.wait();
for (const session of sessions) console.log(`session: ${(await session.result()).join(' ')}`);
console.log(`order: ${log.join(', ')}`);

const held = openSession('held');
await held.result();
const late = openSession('late');
try {
  await scheduler.wait();
} catch (error) {
  if (!(error instanceof SchedulerError) || error.code !== 'Stalled') throw error;
  console.log(error.message);
}
const { reason, message } = late.why();
console.log(`why ${late.id} is ${late.state}: ${reason}: ${message}`);

// A stall is not the end: a task that releases what is held lets the rest go on.
closeSession(held, []);
closeSession(late, []);
await scheduler.wait();
console.log(`after the release: ${late.id} is ${late.state}, the scheduler ${scheduler.state}`);

/**
 * A service with an embedded scheduler. Sensor readings become jobs, one per day; more jobs come over HTTP and may depend on
 * jobs that are still running. Shuts down cleanly on SIGTERM or SIGINT.
 *
 *   POST /jobs {"readings": [1, 2]} or {"jobs": ["day-1", "day-2"]}    GET /jobs/:id    state, why it waits, or the result
 *   POST /stop, POST /start    hold back new starts and go on          GET /events      what happens, as server-sent events
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Scheduler } from 'pullgraph';
import { Jobs } from './jobs.js';
import { Sensor } from './sensor.js';
import { createJobServer } from './server.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'interval-ms': { type: 'string', default: '10' },
  },
});

const scheduler = new Scheduler();
const jobs = new Jobs(scheduler);
const sensor = new Sensor(Number(values['interval-ms']));
sensor.on('reading', (celsius) => jobs.addReading(celsius));
scheduler.start();
sensor.start();

const server = createJobServer(scheduler, jobs).listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('expected to listen on a port');
console.log(`listening on http://127.0.0.1:${address.port}`);

process.once('SIGTERM', shutDown);
process.once('SIGINT', shutDown);

/** Accepts no new work, waits for running attempts and their event streams, then exits. */
async function shutDown(): Promise<void> {
  const closed = once(server, 'close');
  sensor.stop();
  server.close();
  await scheduler.stop();
  await scheduler.close();
  server.closeIdleConnections();
  await closed;
  console.log(`${scheduler.state}, no connection left`);
}

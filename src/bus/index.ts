/** The exports of `pullgraph/bus`. */
import type { Environment } from '../core/ports.js';

export { BusJob, type JobFailure, type JobOutcome } from './client/bus-job.js';
export { BusScheduler } from './client/bus-scheduler.js';
export { type BusSchedulerOptions, connectScheduler, type JobScheduler } from './client/connect-scheduler.js';
export type { ConnectOptions } from './client/connect-options.js';
export { connectProducer, Producer, type ProducerOptions, type WantedJob } from './client/producer.js';
export type { ReconnectOptions } from './client/reconnection.js';
export type { Feedback } from './protocol/messages.js';
export { Bus, type BusCounts, startBus } from './server/bus.js';
export type { BusLimits, BusOptions } from './server/bus-options.js';

/**
 * The clock and the source of randomness of a bus or a client: `clock.now()`, `clock.after(delayMs, callback)` and `random()`.
 * Tests replace them to control time.
 *
 * @public
 */
export type BusEnvironment = Environment;

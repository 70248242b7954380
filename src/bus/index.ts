/** What `pullgraph/bus` exports. */
export { anyTimedJob, type Arrivals, atIntervals } from './arrivals.js';
export { BusJob, type JobFailure, type JobOutcome } from './bus-job.js';
export type { BusLimits, BusOptions } from './bus-options.js';
export { BusScheduler } from './bus-scheduler.js';
export { Bus, type BusCounts, startBus } from './bus.js';
export { type BusSchedulerOptions, connectScheduler, type JobScheduler } from './connect-scheduler.js';
export type { ConnectOptions } from './connection.js';
export type { Feedback } from './protocol.js';
export { connectProducer, Producer, type ProducerOptions, type WantedJob } from './producer.js';
export type { ReconnectOptions } from './reconnection.js';
export type { BusSurroundings } from './surroundings.js';

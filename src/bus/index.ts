/** What `pullgraph/bus` exports. */
export { anyTimedJob, type Arrivals, atIntervals } from './client/arrivals.js';
export { BusJob, type JobFailure, type JobOutcome } from './client/bus-job.js';
export type { BusLimits, BusOptions } from './server/bus-options.js';
export { BusScheduler } from './client/bus-scheduler.js';
export { Bus, type BusCounts, startBus } from './server/bus.js';
export { type BusSchedulerOptions, connectScheduler, type JobScheduler } from './client/connect-scheduler.js';
export type { ConnectOptions } from './client/connection.js';
export type { Feedback } from './protocol/messages.js';
export { connectProducer, Producer, type ProducerOptions, type WantedJob } from './client/producer.js';
export type { ReconnectOptions } from './client/reconnection.js';
export type { BusEnvironment } from './environment.js';

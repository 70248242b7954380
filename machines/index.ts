/** The statecharts: what `pullgraph/machines` exports, to be drawn, explored and tested against. */
export { type QueueContextData, type QueueEvent, type QueueInput, queueMachine } from './queue.js';
export { type SchedulerCommand, type SchedulerEvent, schedulerMachine, type SchedulerReport } from './scheduler.js';
export {
  type TaskCommand,
  type TaskContextData,
  type TaskEmitted,
  type TaskEvent,
  type TaskInput,
  taskMachine,
  type TaskReport,
} from './task.js';

/** The compiled statecharts of task, queue and scheduler. */
import { queueAssignments, queueGuards, queueMachine } from '../../../machines/queue.js';
import { schedulerGuards, schedulerMachine } from '../../../machines/scheduler.js';
import { taskAssignments, taskEmissions, taskGuards, taskMachine } from '../../../machines/task.js';
import { Chart } from './chart.js';
import { QUEUE_TABLE, SCHEDULER_TABLE, TASK_TABLE } from './tables.js';

/** @internal */
export const taskChart = new Chart(TASK_TABLE, {
  machine: taskMachine,
  guards: taskGuards,
  assignments: taskAssignments,
  emissions: taskEmissions,
});

/** @internal */
export const queueChart = new Chart(QUEUE_TABLE, {
  machine: queueMachine,
  guards: queueGuards,
  assignments: queueAssignments,
});

/** @internal */
export const schedulerChart = new Chart(SCHEDULER_TABLE, { machine: schedulerMachine, guards: schedulerGuards });

/**
 * What stands for a function's code in a recipe: the version that the user gives it, or its text. Text stands for the code only where
 * the function closes over no variables; one that does has to be given a version. What the function calls is not looked at.
 */
import { SchedulerError } from '../core/failures.js';
import type { TaskFunction } from '../core/ports.js';
import type { FunctionIdentity } from '../core/store-port.js';
import { nameOfFunction } from '../core/user-value.js';
import { closedOver } from './closed-over.js';
import { digestOf } from '../system/digest.js';

/** What every built-in or bound function's text ends with. */
const NATIVE = '{ [native code] }';

/** `this` in a text. Before another word on its line it is one of a comment or a string. */
const THIS = /(?<![\w$])this(?![\w$]|[ \t]+(?!(?:in|instanceof)\b)[A-Za-z])/;

const known = new WeakMap<TaskFunction, FunctionIdentity>();

/** @throws SchedulerError `NotStorable`. @internal */
export function functionIdentity(fn: TaskFunction, version: string | undefined): FunctionIdentity {
  const name = nameOfFunction(fn) || 'anonymous';
  if (version !== undefined) return { name, fingerprint: digestOf(`version\0${name}\0${version}`) };
  const present = known.get(fn);
  if (present !== undefined) return present;
  const text = Function.prototype.toString.call(fn);
  if (text.endsWith(NATIVE)) throw refusal(name, 'is bound or built in, so that its text is not there');
  const variables = closedOver(fn, text);
  if (variables === undefined) throw refusal(name, 'cannot be looked into, because this Node has no inspector');
  const outer = hasOuterThis(fn, text) ? [...variables, 'this'] : variables;
  if (outer.length > 0) throw refusal(name, `closes over ${outer.join(', ')}`);
  const identity = { name, fingerprint: digestOf(text) };
  known.set(fn, identity);
  return identity;
}

/** Whether it is an arrow function that mentions `this`, which V8 does not list; methods cannot be told from those. */
function hasOuterThis(fn: TaskFunction, text: string): boolean {
  return !Object.hasOwn(fn, 'prototype') && !/^(async\s+)?function\b/.test(text) && THIS.test(text);
}

function refusal(name: string, why: string): SchedulerError {
  const message = `function ${name} ${why}: pass it what it needs as arguments, or say with version which code it is`;
  return new SchedulerError('NotStorable', message);
}

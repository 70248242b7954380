/**
 * Snapshots and events as plain data that JSON takes.
 *
 * Invariant: nothing here throws, and nothing of a user's value is called: results, errors and reasons become one line of text each.
 */
import { inspect } from 'node:util';
import { shown } from '../../core/failures.js';

/** What a plain value is made of. @internal */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Where users' values stand in the events and contexts of our statecharts. */
const USERS = new Set(['result', 'value', 'error', 'reason', 'output']);

/** Where an object stands that is for nobody's eyes: the scheduler itself, or the input of its actor. */
const HIDDEN = new Set(['scheduler', 'input']);

const MOST_DEPTH = 4;
const MOST_ITEMS = 50;
const MOST_LENGTH = 500;

/** The event or context of one of our actors as plain data: at most 4 levels deep, 50 items wide. @internal */
export function plainObject(value: unknown): { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null ? entriesOf(value, 0) : {};
}

/** A user's value in one line of at most 500 characters. @internal */
export function plainText(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, {
      depth: 2,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 20,
      customInspect: false,
    });
  } catch {
    text = shown(value);
  }
  return text.length > MOST_LENGTH ? `${text.slice(0, MOST_LENGTH)}…` : text;
}

function entriesOf(value: object, depth: number): { readonly [key: string]: Plain } {
  const entries: [string, Plain][] = [];
  for (const [key, entry] of Object.entries(value).slice(0, MOST_ITEMS)) {
    if (entry === undefined || HIDDEN.has(key)) continue;
    entries.push([key, USERS.has(key) ? plainText(entry) : plainOf(entry, depth + 1)]);
  }
  return Object.fromEntries(entries);
}

function plainOf(value: unknown, depth: number): Plain {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : `${value}`;
  if (typeof value !== 'object' || depth > MOST_DEPTH) return plainText(value);
  return Array.isArray(value)
    ? value.slice(0, MOST_ITEMS).map((item: unknown) => plainOf(item, depth + 1))
    : entriesOf(value, depth);
}

/**
 * JSON text of any value, for a person to read. Getters of its properties are not called; what else of the value's own may run, as the traps of
 * a proxy or the name of an error's class, may throw, which is caught.
 *
 * Bounds: depth, width, length of strings and number of values; what is left out is said.
 */

const MOST_DEPTH = 6;
const MOST_WIDTH = 50;
const MOST_TEXT = 1_000;
const MOST_VALUES = 500;

/** The text. Never throws. @internal */
export function preview(value: unknown): string {
  const budget = { left: MOST_VALUES };
  return JSON.stringify(shapeOf(value, 0, budget)) ?? 'null';
}

function shapeOf(value: unknown, depth: number, budget: { left: number }): unknown {
  budget.left -= 1;
  switch (typeof value) {
    case 'string':
      return value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT)}… (${value.length} characters)` : value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'undefined':
      return '(undefined)';
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return value.toString();
    case 'function':
      return '(function)';
    case 'object':
    default:
      if (typeof value !== 'object') return '(unknown)';
      if (value === null) return null;
      try {
        return objectShape(value, depth, budget);
      } catch {
        return '(cannot be read)';
      }
  }
}

function objectShape(value: object, depth: number, budget: { left: number }): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return `(${value.constructor.name} of ${value.byteLength} bytes)`;
  }
  if (value instanceof Map || value instanceof Set) return `(${value.constructor.name} of ${value.size})`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '(invalid date)' : value.toISOString();
  if (value instanceof Promise) return '(promise)';
  if (depth >= MOST_DEPTH || budget.left <= 0) return Array.isArray(value) ? '[…]' : '{…}';
  if (Array.isArray(value)) return arrayShape(value, depth, budget);
  const shape: [string, unknown][] = [];
  const names = Object.keys(value);
  // Those of an error cannot be enumerated.
  if (value instanceof Error) names.unshift('name', 'message', 'code');
  for (const name of new Set(names.slice(0, MOST_WIDTH))) {
    if (budget.left <= 0) break;
    const property = propertyOf(value, name);
    if (property === undefined) continue;
    shape.push([
      name.slice(0, MOST_TEXT),
      'value' in property ? shapeOf(property.value, depth + 1, budget) : '(getter)',
    ]);
  }
  if (names.length > shape.length && !(value instanceof Error))
    shape.push(['…', `${names.length - shape.length} more`]);
  return Object.fromEntries(shape);
}

function arrayShape(items: readonly unknown[], depth: number, budget: { left: number }): unknown[] {
  const shape: unknown[] = [];
  for (let index = 0; index < Math.min(items.length, MOST_WIDTH) && budget.left > 0; index += 1) {
    const property = propertyOf(items, String(index));
    shape.push(
      property === undefined || 'value' in property ? shapeOf(property?.value, depth + 1, budget) : '(getter)',
    );
  }
  if (items.length > shape.length) shape.push(`… ${items.length - shape.length} more`);
  return shape;
}

/** The property of the object, or of an error's class; undefined when there is none. */
function propertyOf(value: object, name: string): PropertyDescriptor | undefined {
  const own = Object.getOwnPropertyDescriptor(value, name);
  if (own !== undefined || name !== 'name') return own;
  return { value: value instanceof Error ? value.name : undefined };
}

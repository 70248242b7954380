import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { WaitingLine } from '../../src/executors/threads/waiting-line.js';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant<'push'>('push') },
  { weight: 3, arbitrary: fc.constant<'shift'>('shift') },
  fc.constant<'putBack'>('putBack'),
  fc.record({ take: fc.nat({ max: 40 }) }),
);

test.prop([fc.array(step, { maxLength: 200 })])('for any use, a waiting line does what an array would', (steps) => {
  const line = new WaitingLine<number>();
  const model: number[] = [];
  for (const [number, next] of steps.entries()) {
    if (next === 'push') {
      line.push(number);
      model.push(number);
    } else if (next === 'shift') {
      expect(line.shift()).toBe(model.shift());
    } else if (next === 'putBack') {
      line.putBack(number);
      model.unshift(number);
    } else {
      const index = model.indexOf(next.take);
      expect(line.take((item) => item === next.take)).toBe(index < 0 ? undefined : next.take);
      if (index >= 0) model.splice(index, 1);
    }
    expect(line.size).toBe(model.length);
  }
});

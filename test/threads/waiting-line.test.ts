import * as fc from 'fast-check';
import { expect } from 'vitest';
import { WaitingLine } from '../../src/executors/remote/waiting-line.js';
import { property } from '../support/property.js';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant<'push'>('push') },
  { weight: 3, arbitrary: fc.constant<'shift'>('shift') },
  fc.constant<'putBack'>('putBack'),
  fc.record({ take: fc.nat({ max: 40 }) }),
);

property([fc.array(step, { maxLength: 200 })])(
  'for any use, a waiting line does what a sorted array would',
  (steps) => {
    const line = new WaitingLine<{ readonly arrival: number }>();
    const model: number[] = [];
    const shifted: number[] = [];
    for (const [arrival, next] of steps.entries()) {
      if (next === 'push') {
        line.push({ arrival });
        model.push(arrival);
      } else if (next === 'shift') {
        const first = model.shift();
        expect(line.first?.arrival).toBe(first);
        expect(line.shift()?.arrival).toBe(first);
        if (first !== undefined) shifted.push(first);
      } else if (next === 'putBack') {
        const back = shifted.pop();
        if (back === undefined) continue;
        line.putBack({ arrival: back });
        model.push(back);
        model.sort((a, b) => a - b);
      } else {
        const index = model.indexOf(next.take);
        const taken = line.take((item) => item.arrival === next.take);
        expect(taken?.arrival).toBe(index < 0 ? undefined : next.take);
        if (index >= 0) model.splice(index, 1);
      }
      expect(line.size).toBe(model.length);
    }
  },
);

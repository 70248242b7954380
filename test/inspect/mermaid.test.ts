import { describe, expect, test } from 'vitest';
import { type GraphTask, mermaidOf } from '../../src/inspect/index.js';

function graphOf(count: number): GraphTask[] {
  return Array.from({ length: count }, (_, n) => {
    return { id: `t${n}`, queue: n % 2 === 0 ? 'even' : 'odd', name: `f${n % 4}`, needs: n === 0 ? [] : [`t${n - 1}`] };
  });
}

describe('mermaidOf', () => {
  test('draws a box for each function of each queue, and how much goes between them', () => {
    expect(mermaidOf(graphOf(9)).split('\n')).toEqual([
      'flowchart LR',
      '  subgraph q0 ["even"]',
      '    n0["f0 × 3"]',
      '    n2["f2 × 2"]',
      '  end',
      '  subgraph q1 ["odd"]',
      '    n1["f1 × 2"]',
      '    n3["f3 × 2"]',
      '  end',
      '  n0 -->|2| n1',
      '  n1 -->|2| n2',
      '  n2 -->|2| n3',
      '  n3 -->|2| n0',
      '',
    ]);
  });

  test('draws the tasks where that is asked for, each once however often it was attempted', () => {
    const [first, second] = graphOf(2);
    const rows = [first, second, second].flatMap((task) => task ?? []);
    expect(mermaidOf(rows, { by: 'task' })).toContain('n0["t0"]\n  end\n');
    expect(mermaidOf(rows, { by: 'task' }).match(/-->/g)).toHaveLength(1);
  });

  test('says how much is left out', () => {
    const lines = mermaidOf(graphOf(1_000), { by: 'task', maxNodes: 10 }).split('\n');
    expect(lines.filter((line) => line.includes('["t'))).toHaveLength(10);
    expect(lines.at(-2)).toBe('  leftOut["left out: 990 tasks, 990 dependencies"]');
    const star = Array.from({ length: 50 }, (_, n) => {
      return { id: `${n}`, queue: 'q', needs: Array.from({ length: n }, (__, m) => `${m}`) };
    });
    const drawn = mermaidOf([...star, { id: 'x', queue: 'q', needs: ['gone'] }], { by: 'task' });
    expect(drawn.match(/-->/g)).toHaveLength(480);
    expect(drawn).toContain('left out: 0 tasks, 746 dependencies');
  });

  test('takes no id for markup or for Mermaid', () => {
    const hostile = 'a"]\n  click n0 "javascript:alert(1)"<img src=x>#quot;';
    const lines = mermaidOf([{ id: hostile, queue: hostile }], { by: 'task' }).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toMatch(/<|click n0 "|#quot/);
    expect(lines[2]?.match(/"/g)).toHaveLength(2);
  });

  test.each([{ by: 'queue' }, { maxNodes: 0 }, { maxNodes: 301 }, { nodes: 1 }])(
    'refuses the options %j',
    (options) => {
      expect(() => mermaidOf([], options as never)).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
    },
  );
});

/** `pullgraph explore`: results in words, as JSON and as a picture, and the exit codes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observation } from '../../examples/invariants/observation.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function fileOf(graph: unknown): string {
  const path = join(temporaryFolder(), 'graph.json');
  writeFileSync(path, typeof graph === 'string' ? graph : JSON.stringify(graph));
  return path;
}

const CHAIN = {
  queues: [{ name: 'q', concurrency: 1 }],
  tasks: [
    { id: 'a', queue: 'q' },
    { id: 'b', queue: 'q', deps: ['a'] },
  ],
};

describe('pullgraph explore', () => {
  test('says that every invariant holds', async () => {
    const output = await cli(['explore', fileOf(CHAIN), '--micro']);
    expect(output).toMatchObject({ code: 0, stderr: '' });
    expect(output.stdout).toMatch(
      /^[\d,]+ states, [\d,]+ transitions, at most \d+ steps deep \(micro\)\nevery invariant holds in every state\n$/,
    );
  });

  test('prints the shortest way to a violation, in words or as a diagram', async () => {
    const path = fileOf(observation('done'));
    const told = await cli(['explore', path, '--cancels', '0']);
    expect(told).toMatchObject({ code: 1, stderr: '' });
    expect(told.stdout).toContain('instead: from here on, calibrate can never settle\n  1. scheduler: start\n');
    const drawn = await cli(['explore', path, '--cancels', '0', '--mermaid']);
    expect(drawn.code).toBe(1);
    expect(drawn.stdout).toMatch(/^sequenceDiagram\n.*Note over p1: from here on, calibrate can never settle\n$/s);
  });

  test('prints JSON, and reads the graph from standard input', async () => {
    const output = await cli(['explore', '-', '--json', '--stops', '0'], JSON.stringify(CHAIN));
    expect(output.code).toBe(0);
    expect(JSON.parse(output.stdout)).toMatchObject({ granularity: 'macro', isComplete: true });
  });

  test('gives up after so many states', async () => {
    expect(await cli(['explore', fileOf(CHAIN), '--max-states', '5'])).toMatchObject({ code: 2 });
  });

  test('says what is wrong with a file', async () => {
    expect(await cli(['explore', fileOf({ queues: [], tasks: [{ id: 'a', queue: 'q' }] })])).toMatchObject({
      code: 255,
      stderr: 'pullgraph explore: task a names queue q, which does not exist\n',
    });
    expect(await cli(['explore', fileOf('{')])).toMatchObject({ code: 255 });
  });
});

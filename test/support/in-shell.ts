/** Runs the `pullgraph` command as a part of a script of the shell. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { COMMAND } from './cli.js';

/** Runs a script of the shell in which `pullgraph` is the command; resolves with what it prints. */
export function inShell(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const definition = 'pullgraph() { "$NODE" "$COMMAND" "$@"; }';
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn('/bin/bash', ['-c', `${definition}; ${script}`], {
    env: { ...inherited, NODE: process.execPath, COMMAND, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}

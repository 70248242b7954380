/** The text of the module that holds the compiled tables of several statecharts. */
import type { AnyStateMachine } from 'xstate';
import { compile } from './compile.js';

const HEAD = `/** The statecharts of machines/ as tables. Generated: change the statecharts, then \`npm run compile:statecharts\`. */
import type { TableData } from './chart.js';
`;

/** A TypeScript module with one constant for each machine, named after it: `TASK_TABLE` for the machine task. */
export function tablesModule(machines: readonly AnyStateMachine[]): string {
  return HEAD + machines.map(constantOf).join('');
}

/** One line for each decision. */
function constantOf(machine: AnyStateMachine): string {
  const { initialActions, states } = compile(machine);
  const stateTexts = states.map(({ on, ...rest }) => {
    const decisions = Object.entries(on).map(([type, decision]) => `      ${text(type)}: ${text(decision)},\n`);
    return `    { ${text(rest).slice(1, -1)}, "on": {\n${decisions.join('')}    } },\n`;
  });
  return `
/** @internal */
export const ${machine.id.toUpperCase()}_TABLE: TableData = {
  "initialActions": ${text(initialActions)},
  "states": [
${stateTexts.join('')}  ],
};
`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

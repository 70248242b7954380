/** All parts of the benchmark, in the order in which they run. A new one is a file here and a line below. */
import type { Row } from '../row.js';
import { graphRow } from './graph-row.js';
import { growthRow } from './growth-row.js';
import { SHAPES } from './shapes.js';

/** @internal */
export const ROWS: readonly Row[] = [...SHAPES.map(graphRow), growthRow];

#!/usr/bin/env node
/** The `pullgraph` command: what is installed as `bin`. */
import { program } from './program.js';

await program().parseAsync();

#!/usr/bin/env node
/** The executable of the `pullgraph` command. */
import { program } from './program.js';

await program().parseAsync();

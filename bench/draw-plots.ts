/** `npm run bench:plots`: draws the plots in docs/plots/ anew from what the benchmark kept beside them. */
import { PLOT_NAMES, redraw } from './plots.js';

for (const name of PLOT_NAMES) await redraw(name);

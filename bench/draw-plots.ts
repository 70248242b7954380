/** `npm run bench:plots`: redraws the plots in docs/plots/ from the data beside them. */
import { PLOT_NAMES, redraw } from './plots.js';

for (const name of PLOT_NAMES) await redraw(name);

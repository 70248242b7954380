/** The exports of `pullgraph/progress`. */
export { type ProgressOptions, showProgress } from './show-progress.js';

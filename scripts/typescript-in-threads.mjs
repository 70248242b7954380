/**
 * Preloaded into the processes that run tests, for the worker threads they start. `--import tsx` reaches a worker thread
 * with the other arguments, but on a Node without `module.registerHooks` tsx then registers itself on the main thread
 * only, and the thread fails with "Unknown file extension". This registers it in the threads, and nowhere twice.
 */
import module from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread && !('registerHooks' in module)) {
  const { register } = await import('tsx/esm/api');
  register();
}

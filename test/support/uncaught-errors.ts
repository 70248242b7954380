/** What is thrown outside of every call, and what no handler of a promise hears of. */
import { onTestFinished } from 'vitest';

/** Collects what is thrown outside of every call, in place of the test runner, until the test is over. */
export function uncaughtErrors(): unknown[] {
  const errors: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  return errors;
}

/** Collects the errors of promises whose rejection nothing handles, in place of the test runner, until the test is over. */
export function unhandledRejections(): unknown[] {
  const errors: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of before) process.on('unhandledRejection', listener);
  });
  return errors;
}

/** Why a connection to a bus could not be made, in words. */
import type { IncomingMessage } from 'node:http';

/** Longest text of an answer that is repeated. */
const MAX_TEXT = 200;

/** Calls `done` with what the server says, in one line, once its answer has ended or is too long. @internal */
export function readRefusal(response: IncomingMessage, done: (refusal: string) => void): void {
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.length > MAX_TEXT) response.destroy();
  });
  // The text is for people; without it the status has to do.
  response.on('error', () => undefined);
  response.on('close', () => {
    const [line = ''] = text.slice(0, MAX_TEXT).split('\n');
    done(`the server answered with status ${response.statusCode ?? 0}${line === '' ? '' : `: ${line}`}`);
  });
}

/** The message of an error, which Node leaves empty if it is an aggregate. @internal */
export function describeFailure(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message === '' ? code || error.name : error.message;
}

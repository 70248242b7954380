/**
 * The connection to the inspector: exchanges the key in the address for a cookie, opens the socket, and opens it again when it
 * was lost. The recording is filled by what arrives; the screen is told once a frame.
 *
 * Invariant: the key is in the address only until the page has read it.
 */
import { batch, effect } from '@preact/signals';
import { INSPECT_VERSION } from '../../../src/inspect/protocol/frames.js';
import type { Command, InspectorMessage, PageMessage } from '../../../src/inspect/protocol/messages.js';
import { parseMessage, type Vicinity } from '../model/recording.js';
import { link, moment, notice, recording, selected, tick } from './state.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** The inspector's code for closing on a page of another version. */
const OTHER_VERSION = 4000;
/** Its code for closing on a page too many. */
const CROWDED = 1013;

type Answer = Extract<InspectorMessage, { readonly ask: number }>;

let socket: WebSocket | undefined;
let pauseMs = FIRST_PAUSE_MS;
let asks = 0;
let isDrawn = true;
const waiting = new Map<number, (answer: Answer) => void>();

/** Connects, and stays connected until the page is left. */
export async function connect(): Promise<void> {
  const key = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (key !== undefined) {
    history.replaceState(null, '', location.pathname);
    const isTaken = await exchange(key);
    if (!isTaken) {
      link.value = 'locked';
      return;
    }
  }
  open();
  effect(() => send({ type: 'watch', actor: selected.value }));
}

async function exchange(token: string): Promise<boolean> {
  try {
    const response = await fetch('session', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    return response.ok;
  } catch {
    return false;
  }
}

function open(): void {
  const url = new URL('socket', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.hash = '';
  const opened = new WebSocket(url);
  opened.binaryType = 'arraybuffer';
  socket = opened;
  let wasOpen = false;
  opened.addEventListener('open', () => {
    wasOpen = true;
    pauseMs = FIRST_PAUSE_MS;
    send({ type: 'hello', version: INSPECT_VERSION });
    if (selected.value !== null) send({ type: 'watch', actor: selected.value });
  });
  opened.addEventListener('message', ({ data }) => receive(data));
  opened.addEventListener('close', ({ code }) => {
    if (code === OTHER_VERSION) link.value = 'other version';
    if (link.value === 'other version') return;
    if (code === CROWDED) link.value = 'crowded';
    else if (wasOpen || recording.hello !== undefined) link.value = 'lost';
    else void tellRefusal();
    for (const answer of waiting.values())
      answer({ type: 'answer', ask: 0, ok: false, message: 'The connection was lost.' });
    waiting.clear();
    setTimeout(open, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  });
}

/** Refused before it has ever been open, for which the browser gives no reason: a page that has been let in is one too many. */
async function tellRefusal(): Promise<void> {
  let isLetIn = false;
  try {
    ({ ok: isLetIn } = await fetch('trace.json', { method: 'HEAD' }));
  } catch {
    // Nobody is there.
  }
  if (link.value !== 'open') link.value = isLetIn ? 'crowded' : 'locked';
}

function receive(data: unknown): void {
  if (data instanceof ArrayBuffer) recording.receiveFrame(data);
  else if (typeof data === 'string') receiveText(data);
  if (isDrawn) {
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      tick.value += 1;
    });
  }
}

function receiveText(text: string): void {
  const message = parseMessage(text);
  if (message === undefined) return;
  const before = recording.hello?.epochMs;
  recording.receive(message);
  if (message.type === 'hello') begin(before !== undefined && before !== message.epochMs);
  if ('ask' in message) {
    waiting.get(message.ask)?.(message);
    waiting.delete(message.ask);
  }
}

/** Place and selection outlive a lost connection, but not another recording. */
function begin(isAnother: boolean): void {
  batch(() => {
    link.value = recording.isOtherVersion ? 'other version' : 'open';
    if (isAnother) {
      moment.value = null;
      selected.value = null;
      notice.value = 'The scheduler was started again: this is its new run.';
    }
  });
}

function send(message: PageMessage): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** Asks for the tasks around one; undefined when the connection is lost before the answer comes. */
export async function askNear(task: number, depth: number, limit: number): Promise<Vicinity | undefined> {
  const answer = await ask((number) => ({ type: 'near', ask: number, task, depth, limit }));
  return answer.type === 'vicinity' ? answer : undefined;
}

/** Has a command carried out, and says what came of it. */
export async function command(what: Command): Promise<void> {
  const answer = await ask((number) => ({ type: 'command', ask: number, command: what }));
  notice.value = answer.type === 'answer' ? answer.message : '';
}

async function ask(messageOf: (ask: number) => PageMessage): Promise<Answer> {
  if (socket?.readyState !== WebSocket.OPEN) {
    return { type: 'answer', ask: 0, ok: false, message: 'The inspector is not connected.' };
  }
  asks += 1;
  const number = asks;
  const answered = new Promise<Answer>((resolve) => waiting.set(number, resolve));
  send(messageOf(number));
  return answered;
}

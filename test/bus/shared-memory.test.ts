/** What all peers of a bus together make it keep. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { limitsOf } from '../../src/bus/server/bus-options.js';
import { FeedbackLog } from '../../src/bus/server/feedback-log.js';
import { Peer } from '../../src/bus/server/peer.js';
import { ProducerSessions } from '../../src/bus/server/producer-sessions.js';
import { Turns } from '../../src/bus/server/turns.js';
import { ManualEnvironment } from './manual-environment.js';

const environment = new ManualEnvironment();
const limits = limitsOf({ maxFeedbackBytes: 1000, maxFrameBytes: 8192, maxBufferedBytes: 16_384 });

/** A socket whose peer reads nothing. */
class UnreadSocket extends EventEmitter {
  bufferedAmount = 0;
  isTerminated = false;

  send(text: string): void {
    this.bufferedAmount += text.length;
  }

  terminate(): void {
    this.isTerminated = true;
    this.bufferedAmount = 0;
  }

  resume(): void {}
}

describe('the feedback of all producers', () => {
  const port = { send: () => undefined, replaced: () => undefined };

  test('is bounded, and the longest logs give way', () => {
    const sessions = new ProducerSessions(limits, environment, { hasJobs: () => true, forgotten: () => undefined });
    const short = sessions.enter(undefined, port);
    sessions.tell(short.id, { event: 'cancelled', ref: 'short', job: 'j' });
    const entered = Array.from({ length: 100 }, () => sessions.enter(undefined, port));
    for (let n = 0; n < 50; n += 1) {
      for (const { id } of entered) sessions.tell(id, { event: 'cancelled', ref: String(n), job: 'j' });
    }
    const total = entered.reduce((sum, { log }) => sum + log.bytes, short.log.bytes);
    expect(total).toBeLessThanOrEqual(64_000);
    expect(total).toBeGreaterThan(32_000);
    expect(short.log.after(0).lost).toBe(0);
    for (const { log } of entered) {
      const { texts, lost } = log.after(0);
      expect(texts.length + lost).toBe(50);
      expect(texts.at(-1)).toContain('"ref":"49"');
    }
  });

  test('can lose half of a log at any time', () => {
    const log = new FeedbackLog(100, 1000);
    log.halve();
    for (let n = 1; n <= 10; n += 1) log.add((seq) => `entry ${seq}`.padEnd(10));
    log.halve();
    expect(log.after(0)).toMatchObject({ lost: 5, texts: { length: 5 } });
    expect(log.bytes).toBe(50);
  });
});

describe('what all peers have not read', () => {
  test('is bounded: beyond it, those that have left more than a little are cut off', () => {
    const peers: Peer[] = [];
    const surroundings = {
      limits,
      environment,
      turns: new Turns(),
      unreadBytes: () => peers.reduce((sum, { unreadBytes }) => sum + unreadBytes, 0),
    };
    const sockets = Array.from({ length: 100 }, () => new UnreadSocket());
    for (const socket of sockets) {
      const events = { receive: () => undefined, gone: () => undefined };
      peers.push(new Peer(socket as unknown as WebSocket, surroundings, events));
    }
    for (let n = 0; n < 15; n += 1) for (const peer of peers) peer.send('x'.repeat(1000));
    const open = peers.filter(({ isGone }) => !isGone);
    // Full buffers for sixteen of them, and one message more for each.
    const unread = open.reduce((sum, { unreadBytes }) => sum + unreadBytes, 0);
    expect(unread).toBeLessThanOrEqual(16 * 16_384 + 100 * 1024);
    expect(open.length).toBeGreaterThanOrEqual(16);
    expect(open.length).toBeLessThan(100);
    // One that has read everything is not touched.
    const [reader = new UnreadSocket()] = sockets.filter(({ isTerminated }) => !isTerminated);
    reader.bufferedAmount = 0;
    for (const peer of open) peer.send('x'.repeat(1000));
    expect(reader.isTerminated).toBe(false);
  });
});

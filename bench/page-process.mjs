/**
 * A page of an inspector as a process of its own, so that its reading costs the measured process nothing. Receives the URL of an inspector,
 * answers `open` when it has been told the present state, and `closed` when the inspector has closed the connection.
 */
import { WebSocket } from 'ws';

process.on('message', (url) => {
  if (typeof url === 'string') void read(url);
});

/** @param {string} url */
async function read(url) {
  const { origin, hash } = new URL(url);
  const headers = { Authorization: `Bearer ${hash.replace('#token=', '')}`, Origin: origin };
  const answer = await fetch(`${origin}/session`, { method: 'POST', headers });
  const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { headers: { cookie }, origin });
  let isOpen = false;
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', version: 1 })));
  socket.on('message', (_, isBinary) => {
    if (isBinary || isOpen) return;
    isOpen = true;
    process.send?.('open');
  });
  socket.on('close', () => process.send?.('closed'));
}

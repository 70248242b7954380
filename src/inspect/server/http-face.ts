/**
 * Answers the plain requests: the page's files to anyone on the right Host, as they hold nothing of the scheduler; the exchange of the token;
 * the trace, to those with a session. Everything else is refused.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Access } from './access.js';
import type { PageFiles } from './page-files.js';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Something that is served to those with a session. @internal */
export interface Download {
  readonly type: string;
  readonly name: string;
  readonly pieces: () => Iterable<string>;
}

/** @internal */
export interface FaceParts {
  readonly access: Access;
  readonly files: PageFiles;
  /** By path. */
  readonly downloads: ReadonlyMap<string, Download>;
}

/** The listener of a server's requests. @internal */
export function httpFace(parts: FaceParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(parts, request, response).catch(() => refuse(response, 500, 'the page cannot be read'));
  };
}

async function answer(
  { access, files, downloads }: FaceParts,
  { method, url = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!access.isOwnHost(headers)) return refuse(response, 403, 'Host not allowed');
  const [path = ''] = url.split('?', 1);
  if (path === '/session') {
    if (method !== 'POST') return refuse(response, 405, 'POST only', { Allow: 'POST' });
    if (!access.isOwnOrigin(headers)) return refuse(response, 403, 'Origin not allowed');
    if (!access.hasToken(headers)) return refuse(response, 401, 'wrong token');
    return end(response, 204, { 'Set-Cookie': access.cookie });
  }
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'GET and HEAD only', { Allow: 'GET, HEAD' });
  const download = downloads.get(path);
  if (download !== undefined) {
    if (!access.hasSession(headers)) return refuse(response, 401, 'open the URL that was printed');
    const { type, name, pieces } = download;
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="${name}"`,
    });
    // A reader that leaves early, or is slow, costs no more than it reads.
    if (method === 'GET') await pipeline(Readable.from(pieces()), response).catch(() => response.destroy());
    else response.end();
    return undefined;
  }
  const file = await files.at(path);
  if (file === undefined) return refuse(response, 404, 'not found');
  return end(response, file.status, { 'Content-Type': file.type }, method === 'GET' ? file.body : '');
}

function refuse(response: ServerResponse, status: number, message: string, headers = {}): void {
  // A body that was sent along is not read.
  end(response, status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close', ...headers }, message);
}

function end(response: ServerResponse, status: number, headers: object, body: Uint8Array | string = ''): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...HEADERS, ...headers });
  response.end(body);
}

/**
 * Who may talk to an inspector. A page proves that it was opened from the URL that was printed by the token in that URL's fragment, which no
 * request carries by itself; it exchanges the token for a cookie, which scripts cannot read and other sites cannot make a browser send.
 *
 * Invariants: secrets are made anew at each start, have 128 bits, and are compared in constant time. The Host of each request must be one of
 * the inspector's own, so that a name that an attacker has pointed here gets nothing; the Origin of what changes or connects must be too.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './inspect-options.js';

const SECRET_BYTES = 16;
const DEFAULT_PORT = 80;

/** @internal */
export class Access {
  /** In the fragment of the URL. */
  readonly token = randomBytes(SECRET_BYTES).toString('hex');
  /** What the browser keeps once the page has shown the token. */
  readonly #session = randomBytes(SECRET_BYTES).toString('hex');
  /** Cookies are shared by the ports of a host. */
  readonly #cookieName: string;
  readonly #hosts: ReadonlySet<string>;

  /** `port` is the one that is listened on. */
  constructor(host: string, port: number, allowedHosts: readonly string[]) {
    this.#cookieName = `pullgraph-inspect-${port}`;
    const own = isLoopback(host) ? ['127.0.0.1', 'localhost', '[::1]', bracketed(host)] : [bracketed(host)];
    const names = [...own, ...allowedHosts].map((name) => name.toLowerCase());
    this.#hosts = new Set(
      names.flatMap((name) => (port === DEFAULT_PORT ? [name, `${name}:${port}`] : [`${name}:${port}`])),
    );
  }

  isOwnHost({ host = '' }: IncomingHttpHeaders): boolean {
    return this.#hosts.has(host.toLowerCase());
  }

  /** Whether the request comes from a page of the inspector's own, by the very name by which it was addressed. */
  isOwnOrigin(headers: IncomingHttpHeaders): boolean {
    return this.isOwnHost(headers) && headers.origin === `http://${headers.host}`;
  }

  hasToken({ authorization = '' }: IncomingHttpHeaders): boolean {
    const [, token = ''] = /^Bearer ([\da-f]{1,64})$/.exec(authorization) ?? [];
    return isSame(token, this.token);
  }

  hasSession({ cookie = '' }: IncomingHttpHeaders): boolean {
    const prefix = `${this.#cookieName}=`;
    const found = cookie.split(/; */).find((pair) => pair.startsWith(prefix)) ?? '';
    return isSame(found.slice(prefix.length), this.#session);
  }

  /** The cookie that the token is exchanged for; it ends with the browser's session. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

/** Compares in constant time, regardless of length and common prefix. */
function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A host as it stands in a URL. @internal */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

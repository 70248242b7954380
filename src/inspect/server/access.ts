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
const TLS_PORT = 443;

/** @internal */
export class Access {
  /** In the fragment of the URL. */
  readonly token = randomBytes(SECRET_BYTES).toString('hex');
  /** What the browser keeps once the page has shown the token. */
  readonly #session = randomBytes(SECRET_BYTES).toString('hex');
  /** Cookies are shared by the ports of a host. */
  readonly #cookieName: string;
  readonly #hosts: ReadonlySet<string>;
  /** The allowed hosts as a TLS proxy passes them on, with the port of its own. */
  readonly #proxied: ReadonlySet<string>;

  /** `port` is the one that is listened on. */
  constructor(host: string, port: number, allowedHosts: readonly string[]) {
    this.#cookieName = `pullgraph-inspect-${port}`;
    const isHere = isLoopback(host) || host === '0.0.0.0' || host === '::';
    const own = isHere ? ['127.0.0.1', 'localhost', '[::1]', bracketed(host)] : [bracketed(host)];
    const names = [...own, ...allowedHosts].map((name) => name.toLowerCase());
    this.#hosts = new Set(
      names.flatMap((name) => (port === DEFAULT_PORT ? [name, `${name}:${port}`] : [`${name}:${port}`])),
    );
    this.#proxied = new Set(
      allowedHosts.map((name) => name.toLowerCase()).flatMap((name) => [name, `${name}:${TLS_PORT}`]),
    );
  }

  isOwnHost({ host = '' }: IncomingHttpHeaders): boolean {
    const name = host.toLowerCase();
    return this.#hosts.has(name) || this.#proxied.has(name);
  }

  /** Whether the request comes from a page of the inspector's own, by the very name by which it was addressed. */
  isOwnOrigin(headers: IncomingHttpHeaders): boolean {
    const { host = '', origin } = headers;
    if (!this.isOwnHost(headers)) return false;
    if (origin === `http://${host}`) return true;
    // A browser leaves out the port, a proxy may not.
    return this.#proxied.has(host.toLowerCase()) && origin === `https://${host.replace(/:443$/, '')}`;
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

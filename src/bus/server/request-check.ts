/**
 * Which handshakes a bus takes, by what their headers say. Browsers state the origin of the page, which the page cannot forge, and the
 * host by which they found the bus: a name that an attacker has pointed at this computer is none of the bus's own.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** @internal */
export interface AllowedRequests {
  /** Allowed origins of web pages. */
  readonly origins: readonly string[];
  /** Allowed hosts, beside addresses and the names of this computer; `*` for any. */
  readonly hosts: readonly string[];
  /** The host that the bus listens on. */
  readonly ownHost: string;
}

/** Why a request is refused. @internal */
export interface RequestFault {
  readonly status: number;
  readonly message: string;
}

/** @internal */
export class RequestCheck {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  constructor({ origins, hosts, ownHost }: AllowedRequests) {
    this.#origins = new Set(origins);
    this.#hosts = new Set(['localhost', hostname(), ownHost, ...hosts].map((host) => host.toLowerCase()));
  }

  judge({ headers: { origin, host = '' } }: IncomingMessage): RequestFault | undefined {
    if (origin !== undefined && !this.#origins.has(origin)) {
      return { status: 403, message: 'Origin not allowed: it is not in allowedOrigins (--allow-origin)' };
    }
    if (!this.#isOwn(hostOf(host))) {
      return { status: 403, message: 'Host not allowed: it is not in allowedHosts (--allow-host)' };
    }
    return undefined;
  }

  /** Names under `.localhost` always mean this computer, and no name server is asked for an address. */
  #isOwn(host: string): boolean {
    return this.#hosts.has('*') || this.#hosts.has(host) || host.endsWith('.localhost') || isIP(host) !== 0;
  }
}

/** The host of a Host header, without port, brackets and the dot of a complete name. */
function hostOf(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header);
  return (bracketed?.[1] ?? header.replace(/:\d*$/, '').replace(/\.$/, '')).toLowerCase();
}

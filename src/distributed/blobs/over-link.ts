/** The payloads of one side of a connection, with the place that its options name. */
import type { Keys } from '../keys.js';
import type { RedisLink } from '../link.js';
import type { SettledOptions } from '../options.js';
import { DEFAULT_LIFETIME_MS } from './blobs.js';
import { Payloads } from './payloads.js';
import { RedisBlobs } from './redis-blobs.js';

/** Over the given blobs, or over Redis itself. @internal */
export function payloadsOver(link: RedisLink, keys: Keys, options: SettledOptions): Payloads {
  const { blobs, inlineBytes } = options;
  const own = (): RedisBlobs =>
    new RedisBlobs((step) => link.through(() => step(link.client)), keys.blobs, DEFAULT_LIFETIME_MS);
  return new Payloads(blobs ?? own(), inlineBytes);
}

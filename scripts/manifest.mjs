/** package.json, as the scripts read it. */
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {{ pullgraph: string }} bin
 * @property {Record<string, string | { types: string, default: string }>} exports
 * @property {Record<string, string>} peerDependencies
 * @property {Record<string, { optional: boolean }>} peerDependenciesMeta
 * @property {Record<string, string>} devDependencies
 */

/** @type {Manifest} */
export const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

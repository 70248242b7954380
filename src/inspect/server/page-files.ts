/**
 * The files of the page, as the build has put them into dist/inspector. They hold nothing of a scheduler.
 *
 * Invariant: only the files that are there at the first request are served, by their exact names: no path is made from a request.
 */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.json', 'application/json; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/** What is served in place of a page that has not been built. */
const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>pullgraph inspector</title>
<h1>The page of the inspector is not built</h1>
<p>The scheduler is being recorded, but dist/inspector/index.html is missing. In a clone of the repository, run <code>npm run build</code>
and reload; in an installed package, install it again.</p></html>`;

/** A file to serve. @internal */
export interface PageFile {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** @internal */
export class PageFiles {
  readonly #folder: string;
  #paths: ReadonlyMap<string, string> | undefined = undefined;

  constructor(folder = builtPage()) {
    this.#folder = folder;
  }

  /** The file at the path of a URL; undefined when there is none. */
  async at(path: string): Promise<PageFile | undefined> {
    const file = this.#known().get(path === '/' ? '/index.html' : path);
    if (file !== undefined) {
      return { status: 200, type: TYPES.get(extname(file)) ?? 'application/octet-stream', body: await readFile(file) };
    }
    return path === '/' ? { status: 503, type: 'text/html; charset=utf-8', body: NOT_BUILT } : undefined;
  }

  /** The paths by the names that URLs have for them. Read again as long as there is no page. */
  #known(): ReadonlyMap<string, string> {
    if (this.#paths !== undefined) return this.#paths;
    const paths = new Map<string, string>();
    if (existsSync(this.#folder)) {
      for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && TYPES.has(extname(path))) {
          paths.set(`/${path.slice(this.#folder.length).replaceAll('\\', '/').replace(/^\/+/, '')}`, path);
        }
      }
    }
    if (paths.has('/index.html')) this.#paths = paths;
    return paths;
  }
}

/** The folder of the built page: in dist, of the package that this file belongs to. */
function builtPage(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'dist', 'inspector');
}

/** The links of the pages that are packed. */
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';

const LINK = /\]\((?<target>[^)\s]+)\)/g;
/** Pictures of pixels stay in the repository: they would be a third of the package, and their text says what they show. */
const SCREENSHOT = /^!\[[^\]]+\]\([^)\s]+\.png\)$/gm;

/** Relative links of packed pages that lead to nothing that is packed. @param {readonly string[]} packed */
export function linkFaults(packed) {
  const pages = packed.filter((path) => path.endsWith('.md') && existsSync(path));
  return pages.flatMap((page) => {
    const text = readFileSync(page, 'utf8')
      .replaceAll(/^```.*?^```/gms, '')
      .replaceAll(SCREENSHOT, '');
    return [...text.matchAll(LINK)]
      .map(({ groups }) => groups?.['target'] ?? '')
      .filter((target) => !/^([a-z]+:|#)/.test(target))
      .filter((target) => !isPacked(packed, normalize(join(page, '..', target.replace(/#.*/, '')))))
      .map((target) => `${page}: expected a packed file or an absolute address, got ${target}`);
  });
}

/** A folder is there when something in it is. @param {readonly string[]} packed @param {string} path */
function isPacked(packed, path) {
  const folder = path.endsWith('/') ? path : `${path}/`;
  return packed.some((file) => file === path || file.startsWith(folder));
}

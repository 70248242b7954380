/** The parts of a page that the benchmark writes, each between `<!-- name -->` and `<!-- /name -->`. */

/**
 * Replaces the text between the marks of that name by `content`.
 *
 * @throws Error if the page has no such marks.
 * @internal
 */
export function withMarked(page: string, name: string, content: string): string {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const begin = page.indexOf(opening);
  const end = page.indexOf(closing, begin);
  if (begin < 0 || end < 0) throw new Error(`expected ${opening} and ${closing} in the page`);
  return `${page.slice(0, begin + opening.length)}\n\n${content}\n\n${page.slice(end)}`;
}

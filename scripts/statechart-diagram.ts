/** Puts the diagrams of statecharts into a page. */

/**
 * The page with the diagram of each name between `<!-- statechart name -->` and `<!-- end of statechart -->`.
 *
 * @throws Error when a diagram has no place in the page, or a place no diagram.
 */
export function withDiagrams(page: string, diagrams: ReadonlyMap<string, string>): string {
  const placed = new Set<string>();
  const drawn = page.replaceAll(/(<!-- statechart (\S+) -->\n)[^]*?(<!-- end of statechart -->)/g, (...match) => {
    const [, begin, name, end] = match as string[];
    const diagram = diagrams.get(name ?? '');
    if (diagram === undefined)
      throw new Error(`there is no statechart ${name}, only ${[...diagrams.keys()].join(', ')}`);
    placed.add(name ?? '');
    return `${begin}\n\`\`\`mermaid\n${diagram}\`\`\`\n\n${end}`;
  });
  for (const name of diagrams.keys()) {
    if (!placed.has(name)) throw new Error(`the page has no place for statechart ${name}`);
  }
  return drawn;
}

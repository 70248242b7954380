/** What the words on the command line of `pullgraph exec` mean: a file of commands, or a command and the sources of its values. */
import type { Commands, Source } from './command-lines.js';
import { CommandTemplate, hasReplacement } from './command-template.js';
import type { RecordEnd } from './records.js';

/** Begins a source: values follow `:::`, files follow `::::`. With a plus, the source is linked to the one before it. */
const SOURCE = /^::::?\+?$/;

/** Divides the words at the first source, so that what follows is never taken for an option. @internal */
export function dividedAtSources(words: readonly string[]): readonly [before: string[], sources: string[]] {
  const at = words.findIndex((word) => SOURCE.test(word));
  return at < 0 ? [[...words], []] : [words.slice(0, at), words.slice(at)];
}

/**
 * The commands that the words describe.
 *
 * @param words - the words before the first source.
 * @param sources - the others.
 * @throws Error if they describe none.
 * @internal
 */
export function commandsOf(
  words: readonly string[],
  sources: readonly string[],
  ends: RecordEnd,
  skipsBlank = false,
): Commands {
  const text = words.join(' ');
  if (sources.length === 0) {
    if (hasReplacement(text)) {
      return checked({ template: new CommandTemplate(text), sources: [{ file: '-' }], ends, skipsBlank });
    }
    const [file = '-', ...more] = words;
    if (more.length === 0) return { template: undefined, sources: [{ file }], ends };
    throw new Error('too many arguments: give one file of commands, or a command with {} where a value belongs');
  }
  return checked({
    template: words.length === 0 ? undefined : new CommandTemplate(text),
    sources: sourcesOf(sources),
    ends,
    skipsBlank,
  });
}

function checked(commands: Commands): Commands {
  const { template, sources } = commands;
  if (template === undefined && sources.length > 1) throw new Error('several sources need a command');
  const most = template?.mostSource ?? 0;
  if (most > sources.length) throw new Error(`{${most}} names a source that is not there: there are ${sources.length}`);
  if (sources.filter((source) => 'file' in source && source.file === '-').length > 1) {
    throw new Error('standard input can be one source only');
  }
  return commands;
}

function sourcesOf(words: readonly string[]): Source[] {
  const sources: Source[] = [];
  let values: string[] | undefined;
  let isLinked = false;
  for (const word of words) {
    if (SOURCE.test(word)) {
      isLinked = word.endsWith('+');
      if (isLinked && sources.length === 0) throw new Error(`${word} needs a source before it to be linked to`);
      values = word.startsWith('::::') ? undefined : [];
      if (values !== undefined) sources.push({ values, isLinked });
    } else if (values === undefined) sources.push({ file: word, isLinked });
    else values.push(word);
  }
  if (sources.length === 0) throw new Error(':::: needs a file');
  return sources;
}

/** What options of the commands take, from text to value. */
import { InvalidArgumentError } from 'commander';

/** Where the token is looked for when the command line has none: others on the computer can read command lines. @internal */
export const TOKEN_VARIABLE = 'PULLGRAPH_BUS_TOKEN';

/** The longest time that the commands take; a timer of Node can wait a little longer. */
const MOST_SECONDS = 2_000_000;

/** A number of seconds, more than none. @internal */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= MOST_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a number of seconds, more than 0 and at most ${MOST_SECONDS}.`);
}

/** An integer from `least` to `most`. @internal */
export function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
  };
}

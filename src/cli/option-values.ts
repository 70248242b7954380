/** Parsers for the values of command-line options. */
import { InvalidArgumentError } from 'commander';

/** The variable that holds the token. On the command line, other users of the computer could read it. @internal */
export const TOKEN_VARIABLE = 'PULLGRAPH_BUS_TOKEN';

/** The longest time accepted; Node's timers can wait a little longer. */
const MOST_SECONDS = 2_000_000;

/** A positive number of seconds. @internal */
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

const UNIT_MS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time with its unit, such as `10s`, in milliseconds; without a unit it is in milliseconds. @internal */
export function durationFrom(leastMs: number, mostMs: number): (text: string) => number {
  return (text) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
    const valueMs = Math.round(Number(number) * (UNIT_MS[unit] ?? 1));
    if (number !== '' && valueMs >= leastMs && valueMs <= mostMs) return valueMs;
    throw new InvalidArgumentError(
      `It must be a time such as 500ms, 10s, 5m or 1h; a plain number is in milliseconds, from ${leastMs} to ${mostMs}.`,
    );
  };
}

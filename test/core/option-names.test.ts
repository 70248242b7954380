import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkName, checkOptionNames } from '../../src/core/option-names.js';
import { SchedulerError } from '../../src/core/failures.js';
import { property } from '../support/property.js';
import { refusalOf } from '../support/refusal.js';

interface Options {
  readonly id?: string;
  readonly attempts?: number;
  readonly backoffMs?: number;
  readonly _clock?: object;
}

const NAMES = { id: true, attempts: true, backoffMs: true, _clock: true } satisfies Record<keyof Options, true>;

const messageFor = (options: unknown): string => {
  const error = refusalOf(() => checkOptionNames('retry', options, NAMES));
  expect(error.code).toBe('InvalidOption');
  return error.message;
};

describe('option names', () => {
  test.each([{}, { id: 'x' }, { attempts: 1, backoffMs: undefined }, { _clock: {} }, Object.create(null)])(
    'accepts %o',
    (options) => {
      expect(() => checkOptionNames('retry', options, NAMES)).not.toThrow();
    },
  );

  test('names the option that does not exist, and those that do', () => {
    expect(messageFor({ colour: 1 })).toBe('retry has no option colour. Its options are id, attempts, backoffMs');
  });

  test.each([
    ['atempts', 'attempts'],
    ['attepmts', 'attempts'],
    ['backoffms', 'backoffMs'],
    ['backoff', 'backoffMs'],
    ['ID', 'id'],
    ['ids', 'id'],
    ['di', 'id'],
  ])('suggests for %s the name %s', (given, meant) => {
    expect(messageFor({ [given]: 1 })).toBe(
      `retry has no option ${given}; did you mean ${meant}? Its options are id, attempts, backoffMs`,
    );
  });

  test.each(['at', 'dx', 'xi', 'dix', 'delay', 'clock', '__clock', 'attemptsAndMore', 'x'.repeat(100_000)])(
    'suggests nothing for %.20s',
    (given) => {
      expect(messageFor({ [given]: 1 })).not.toContain('did you mean');
    },
  );

  test.each(['constructor', 'toString', '__proto__'])('refuses the name %s, which every object inherits', (name) => {
    expect(messageFor(Object.fromEntries([[name, 1]]))).toContain(`retry has no option ${name}`);
  });

  test('quotes a name that could not be told from the rest of the message, and cuts a long one', () => {
    expect(messageFor({ 'a b': 1 })).toContain('no option "a b".');
    expect(messageFor({ ['x'.repeat(1_000)]: 1 }).length).toBeLessThan(250);
  });

  test.each([undefined, null, 5, 'x', [], () => 1])('refuses %o as options', (options) => {
    expect(messageFor(options)).toMatch(/^the options of retry must be an object, got /);
  });

  property([fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(NAMES)), fc.string()), fc.integer())])(
    'for any object, the check passes exactly if all its names are known',
    (options) => {
      const isKnown = Object.keys(options).every((name) => Object.keys(NAMES).includes(name));
      if (isKnown) expect(() => checkOptionNames('retry', options, NAMES)).not.toThrow();
      else expect(() => checkOptionNames('retry', options, NAMES)).toThrow(SchedulerError);
    },
  );

  property([fc.constantFrom('attempts', 'backoffMs'), fc.nat(), fc.nat({ max: 3 })])(
    'for any one slip of the hand in a long name, that name is suggested',
    (meant, place, slip) => {
      const at = place % (meant.length - 1);
      const typed = [
        meant.slice(0, at) + meant.slice(at + 1),
        `${meant.slice(0, at)}x${meant.slice(at)}`,
        `${meant.slice(0, at)}x${meant.slice(at + 1)}`,
        `${meant.slice(0, at)}${meant[at + 1]}${meant[at]}${meant.slice(at + 2)}`,
      ][slip] as string;
      if (typed === meant) return;
      expect(messageFor({ [typed]: 1 })).toContain(`did you mean ${meant}?`);
    },
  );
});

describe('a name among others', () => {
  const messageOf = (name: unknown): string => {
    const error = refusalOf(() => checkName('a graph', 'shape', name, ['chain', 'width']));
    expect(error.code).toBe('InvalidArgument');
    return error.message;
  };

  test('may be each of them', () => {
    expect(() => checkName('a graph', 'shape', 'width', ['chain', 'width'])).not.toThrow();
  });

  test.each<[string, unknown, string]>([
    ['nothing like them', 'ring', 'ring.'],
    ['no text', 5, '5.'],
    ['five letters of which two are wrong', 'wadhh', 'wadhh; did you mean width?'],
    ['four letters, two edits away', 'wadh', 'wadh.'],
  ])('is refused if it is %s', (_, name, told) => {
    expect(messageOf(name)).toBe(`a graph has no shape ${told} Its shapes are chain, width`);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable } from '../../src/cli/printable.js';
import { property } from '../support/property.js';

describe('printable text', () => {
  test('keeps ordinary text of any script', () => {
    for (const text of ['', 'a "b" \\ c', 'žluťoučký', '日本語', '👩‍👩‍👧', 'مرحبا']) expect(printable(text)).toBe(text);
  });

  test('escapes what a terminal would obey', () => {
    expect(printable('\u001B[2J\r\n\t\u0085\u2029\u2066\uD800')).toBe(
      String.raw`\u{1b}[2J\r\n\t\u{85}\u{2029}\u{2066}\u{d800}`,
    );
  });

  property([fc.string({ unit: 'binary' })])('is one line without control characters, for any text', (text) => {
    expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  });
});

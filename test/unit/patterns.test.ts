import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { checkSync } from 'recheck';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function patternsOf(file: string): readonly Pattern[] {
  const patterns: Pattern[] = [];
  const { program } = parseSync(file, readFileSync(src + file, 'utf8'));
  new Visitor({
    Literal(node) {
      if ('regex' in node) patterns.push({ file, source: node.regex.pattern, flags: node.regex.flags });
    },
  }).visit(program);
  return patterns;
}

/** Proved by an automaton, so that the answer depends on no clock. */
function isLinear(source: string, flags: string): boolean {
  return checkSync(source, flags, { checker: 'automaton', timeout: null }).status === 'safe';
}

// A quadratic one takes seconds for a text of 60,000 characters, and texts come from links and files.
test('no regular expression takes more than linear time, whatever the text', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const patterns = files
    .filter((file) => /\.(tsx?|mjs)$/.test(file) && !file.includes('assembly'))
    .flatMap(patternsOf);
  expect(patterns.length).toBeGreaterThan(20);
  expect(patterns.filter(({ source, flags }) => !isLinear(source, flags))).toEqual([]);
  expect(isLinear('^\\d+\\.?\\d*$', '')).toBe(false);
});

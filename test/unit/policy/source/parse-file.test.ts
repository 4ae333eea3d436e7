import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFile } from '../../../../src/policy/source/parse-file.ts';
import { lineStartsOf } from '../../../../src/policy/source/source.ts';

const MEBIBYTE = 1024 * 1024;
/** What it takes alone is some hundred ms; unbounded, the worst took a minute and a gigabyte. */
const BOUND_MS = 20_000;
const full = (piece: string) => piece.repeat(Math.floor(MEBIBYTE / piece.length));
const nine = (name: string) => Array(9).fill(name).join(',');

const BOMBS: Readonly<Record<string, { readonly text: string; readonly code: string }>> = {
  'flow lists': { text: full('['), code: 'E006' },
  'flow mappings': { text: full('{a: '), code: 'E006' },
  'lists on one line': { text: full('- '), code: 'E006' },
  'explicit keys': { text: full('? '), code: 'E006' },
  'empty keys': { text: full(': '), code: 'E006' },
  'block mappings': { text: nested(1400), code: 'E006' },
  'items of one list': { text: full('- a\n'), code: 'E006' },
  'keys of one mapping': { text: full('a: 1\n'), code: 'E006' },
  'uses of one alias': { text: `a: &a 1\nb: [${full('*a,')}]`, code: 'E006' },
  'aliases of aliases': { text: laughs(), code: 'E006' },
  'brackets closed': { text: full(']'), code: 'E001' },
  directives: { text: full('%a\n'), code: 'E001' },
  documents: { text: full('---\n'), code: 'E008' },
  'bad escapes': { text: `a: "${full('\\x')}"`, code: 'E001' },
  'one long key': { text: `${'a'.repeat(MEBIBYTE - 4)}: 1`, code: 'E001' },
};

for (const [what, { text, code }] of Object.entries(BOMBS)) {
  test(`a mebibyte of ${what} is refused within bounds`, () => {
    const startMs = performance.now();

    const { findings } = parseFile({
      path: '/a',
      shown: 'a',
      text,
      lineStarts: lineStartsOf(text),
    });

    assert.equal(findings[0]?.code, code);
    assert.ok(findings.length <= 100);
    assert.ok(performance.now() - startMs < BOUND_MS);
  });
}

test('sixty values inside one another are read', () => {
  const text = `a: ${'['.repeat(60)}1${']'.repeat(60)}\n`;

  const { findings, root } = parseFile({
    path: '/a',
    shown: 'a',
    text,
    lineStarts: lineStartsOf(text),
  });

  assert.deepEqual(findings, []);
  assert.equal(root?.kind, 'map');
});

function nested(depth: number): string {
  return Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:\n`).join('');
}

function laughs(): string {
  const names = 'abcdefghij'.split('');
  const lines = names.slice(1).map((name, at) => `${name}: &${name} [${nine(`*${names[at]}`)}]\n`);
  return `a: &a [${nine('x')}]\n${lines.join('')}`;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactNumber, parseJson, stringifyJson } from '../../../src/core/exact-json.ts';

/** What is written, and what it is read as; undefined: no double keeps these digits. */
const NUMBERS: readonly (readonly [text: string, value: number | bigint | undefined])[] = [
  ['0', 0],
  ['-0', -0],
  ['0.0', 0],
  ['0e999999999999', 0],
  ['1', 1],
  ['1.0', 1],
  ['1e3', 1000],
  ['1.688117968E9', 1_688_117_968],
  ['9007199254740991', 9_007_199_254_740_991],
  ['-9007199254740991', -9_007_199_254_740_991],
  ['9007199254740991.0', 9_007_199_254_740_991],
  ['9007199254740992', 9_007_199_254_740_992n],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['9007199254740993.0', 9_007_199_254_740_993n],
  ['9.007199254740993e15', 9_007_199_254_740_993n],
  ['9.007199254740993E+15', 9_007_199_254_740_993n],
  ['90071992547409930e-1', 9_007_199_254_740_993n],
  ['1e22', 10n ** 22n],
  ['18446744073709551615', 18_446_744_073_709_551_615n],
  ['0.1', 0.1],
  ['1764363600.1234567', 1_764_363_600.123_456_7],
  ['5e-324', 5e-324],
  ['0.1000000000000000055', undefined],
  ['1.00000000000000001', undefined],
  ['1764363600.123456789', undefined],
  ['9007199254740993.5', undefined],
  ['4503599627370497.3', undefined],
  ['1e-400', undefined],
  ['1e400', Number.POSITIVE_INFINITY],
];

test('a number keeps its digits or is none', () => {
  for (const [text, value] of NUMBERS) assert.equal(exactNumber(text), value, text);
});

test('numbers are read exactly wherever they stand in a text', () => {
  for (const [text, value] of NUMBERS) {
    const wanted = value ?? null;
    const places = [
      [text, wanted],
      [`[${text}]`, [wanted]],
      [`[1, ${text} ,"x"]`, [1, wanted, 'x']],
      [`{"a":${text}}`, { a: wanted }],
      [`{"a" :\n\t${text}}`, { a: wanted }],
      [`{"a":{"b":[{"c":${text}}]}}`, { a: { b: [{ c: wanted }] } }],
    ] as const;
    for (const [json, read] of places) assert.deepEqual(parseJson(json), read, json);
  }
});

test('a text that looks like a number stays a text', () => {
  const json = '{"a":"9007199254740993","b":":9007199254740993","c":9007199254740993}';

  assert.deepEqual(parseJson(json), {
    a: '9007199254740993',
    b: ':9007199254740993',
    c: 9_007_199_254_740_993n,
  });
});

test('the members named may be rounded, and integers among them still are not', () => {
  const json = '{"iat":1764363600.123456789,"exp":9007199254740993,"at":1764363600.123456789}';

  assert.deepEqual(parseJson(json, new Set(['iat', 'exp'])), {
    iat: 1_764_363_600.123_456_7,
    exp: 9_007_199_254_740_993n,
    at: null,
  });
});

test('what is written is read as the same value again', () => {
  const value = { a: [1, 9_007_199_254_740_993n, -(2n ** 64n), 0.1, '9007199254740993'], b: null };

  assert.equal(
    stringifyJson(value),
    '{"a":[1,9007199254740993,-18446744073709551616,0.1,"9007199254740993"],"b":null}',
  );
  assert.deepEqual(parseJson(stringifyJson(value)), value);
});

test('what is no JSON is refused as JSON.parse does', () => {
  for (const text of ['', '{', '[01]', '{"a":9007199254740993', '[1e]', '[.5000000000000000]']) {
    assert.throws(() => parseJson(text), SyntaxError, text);
  }
});

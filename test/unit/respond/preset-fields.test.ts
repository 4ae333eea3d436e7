import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPreset } from '../../../src/respond/preset-fields.ts';

const PRESET = ['x-frame-options', 'SAMEORIGIN', 'x-content-type-options', 'nosniff'];
const NOSNIFF = ['x-content-type-options', 'nosniff'];

for (const [what, headers, added] of [
  ['none of them', ['x-other', 'a'], PRESET],
  ['one of them, in another case', ['X-Frame-Options', 'DENY'], NOSNIFF],
  ['an empty one', ['x-content-type-options', ''], PRESET.slice(0, 2)],
  ['frame-ancestors', ['content-security-policy', "frame-ancestors 'none'"], NOSNIFF],
  ['it behind others', ['Content-Security-Policy', 'a;Frame-Ancestors x'], NOSNIFF],
  ['it in the second of two', ['content-security-policy', 'a, frame-ancestors x'], NOSNIFF],
  ['a policy without it', ['content-security-policy', 'report-uri /frame-ancestors x'], PRESET],
] as const) {
  test(`a response with ${what} gets the others of the preset`, () => {
    assert.deepEqual(withPreset(headers, PRESET), [...headers, ...added]);
  });
}

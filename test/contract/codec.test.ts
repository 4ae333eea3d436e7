import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { wholeFrames } from '../support/recordings/recording.ts';
import { performativeOf } from '../support/recordings/recording-summary.ts';

const FIXTURES = new URL('../fixtures/amqp/', import.meta.url);
const NAMES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

/** Fields that were left out are undefined in our decoder's result; Map and Buffer compare by value. */
function present(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value instanceof Map || Array.isArray(value) || typeof value !== 'object') return value;
  if (value === null) return null;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, present(field)]));
}

for (const name of NAMES) {
  test(`decodes the frames of ${name} as the recorder's own decoder did`, () => {
    const frames = wholeFrames(name);

    assert.ok(frames.length > 0);
    for (const { frame, summary } of frames) {
      const expected = present(performativeOf(summary));
      assert.deepEqual(present(frame.performative), expected, `row ${frame.n}`);
    }
  });
}

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { RECORDINGS, recordingsTable } from './recordings.ts';

test('says for each recording how it is used, and why', (context) => {
  const files = readdirSync(new URL('../fixtures/amqp/', import.meta.url));
  const names = files.filter((file) => file.endsWith('.jsonl')).map((file) => file.slice(0, -6));

  for (const line of recordingsTable()) context.diagnostic(line);

  assert.deepEqual(RECORDINGS.map(({ name }) => name).sort(), names.sort());
  assert.ok(RECORDINGS.every(({ why }) => why.length > 10));
});

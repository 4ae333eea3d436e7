import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bufferedDestination, directDestination } from '../../../src/record/log-destination.ts';

test('a direct destination has the line on disk when write returns', (context) => {
  const file = temporaryFile(context);

  directDestination(openSync(file, 'w')).write('one\n');

  assert.equal(readFileSync(file, 'utf8'), 'one\n');
});

test('a buffered destination has all lines on disk after a flush', (context) => {
  const file = temporaryFile(context);
  const destination = bufferedDestination(openSync(file, 'w'), () => assert.fail('dropped'));
  destination.write('one\n');
  destination.write('two\n');
  assert.equal(readFileSync(file, 'utf8'), '');

  destination.flushSync();

  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
});

function temporaryFile(context: { after(action: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-log-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'log');
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '../../support/tools/wait-until.ts';
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

test('a buffered destination hands lines on by the chunk, and loses none', async (context) => {
  const file = temporaryFile(context);
  const destination = bufferedDestination(openSync(file, 'w'), () => assert.fail('dropped'));
  const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} ${'ä'.repeat(i % 50)}\n`);

  for (const line of lines) destination.write(line);
  destination.flushSync();

  // A chunk that is on its way to the file already may come after those that the flush writes.
  const whole = Buffer.byteLength(lines.join(''));
  await waitUntil('all is in the file', () => statSync(file).size === whole);
  assert.deepEqual(
    readFileSync(file, 'utf8').split('\n').toSorted(),
    lines.join('').split('\n').toSorted(),
  );
});

test('each line that finds no room is told', async (context) => {
  const file = temporaryFile(context);
  let dropped = 0;
  const destination = bufferedDestination(openSync(file, 'w'), () => (dropped += 1));
  const written = 12 * 1024;

  // Nothing is written to the file within this turn, and the buffer takes 8 MiB.
  for (let i = 0; i < written; i += 1) destination.write(`${'x'.repeat(1023)}\n`);
  destination.flushSync();

  assert.ok(dropped > 4_000, `${dropped}`);
  await waitUntil(
    'the rest is in the file',
    () => statSync(file).size === (written - dropped) * 1024,
  );
});

test('lines that wait are written as a process exits at once', () => {
  const source = new URL('../../../src/record/log-destination.ts', import.meta.url).href;
  const program = `
    import { bufferedDestination } from '${source}';
    bufferedDestination(1, () => {}).write('last words');
    process.exit(70);`;

  const argv = ['--conditions=source', '--input-type=module', '-e', program];
  const { stdout, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });

  assert.deepEqual([stdout, status], ['last words', 70]);
});

function temporaryFile(context: { after(action: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-log-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'log');
}

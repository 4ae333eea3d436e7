import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openGenerations } from '../../../../src/app/state/open-generations.ts';
import { createLog } from '../../../../src/record/log.ts';

let directory: string;
let lines: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-state-'));
  lines = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

function open(gateway: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(directory, 'policy.yaml'), `version: 1\ngateway: ${gateway}\n`);
  const log = createLog({
    level: 'warn',
    format: 'json',
    destination: { write: (line: string) => void lines.push(line) },
  });
  return openGenerations({ directory, cwd: directory, env, log });
}

test('without a state folder none are kept, and a warning says so', async () => {
  assert.equal(await open('{}'), undefined);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /no state folder, so generations are not kept/);
});

test('"off" keeps none, whatever the environment names, and does not warn', async () => {
  const env = { STATE_DIRECTORY: join(directory, 'state') };

  assert.equal(await open('{ state: off }', env), undefined);
  assert.deepEqual(lines, []);
  assert.ok(!existsSync(join(directory, 'state')) && !existsSync(join(directory, 'off')));
});

test('a folder that is called off is written with its dot', async () => {
  assert.notEqual(await open('{ state: ./off }'), undefined);
  assert.ok(existsSync(join(directory, 'off')));
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../scripts/bench.js', import.meta.url));

interface Finished {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

function runBench(args: readonly string[]): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const all = ['--conditions=source', SCRIPT, ...args];
  execFile(process.execPath, all, { timeout: 60_000 }, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
  );
  return promise;
}

test('a short bench prints every figure of every way, and no failure', async () => {
  const only = '100B 50c,new-stream 50c lane,transfer down lane';

  const { code, output } = await runBench([
    '--rounds',
    '1',
    '--seconds',
    '0.2',
    '--megabytes',
    '2',
    '--only',
    only,
  ]);

  assert.equal(code, 0, output);
  assert.match(output, /^failures: 0$/m);
  assert.match(output, /^router: (stand-in|two linked skrouterd)/m);
  const spread = String.raw`\*?[\d.]+ / [\d.]+ / [\d.]+`;
  for (const way of ['straight', 'plain-listener', 'tcp-listener', 'lanes']) {
    assert.match(output, new RegExp(`^ +100B 50c ${way}( +${spread}){5}$`, 'm'));
  }
  assert.match(output, /^ +100B 50c lanes( +[\d.]+){4}$/m);
  assert.match(output, new RegExp(`^ +new-stream 50c lane( +${spread}){2}$`, 'm'));
  assert.match(output, new RegExp(`^ +transfer down lane( +${spread}){2}$`, 'm'));
});

test('a wrong option is refused with what was found and what there is', async () => {
  const { code, output } = await runBench(['--rounds', 'many']);

  assert.equal(code, 2);
  assert.match(output, /--rounds must be a number from 1 to 1000, found "many"/);
  assert.match(output, /--megabytes n/);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { makePolicyFiles, policyFolder } from '../../support/policy/policy-files.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EXAMPLES = join(ROOT, 'examples/policies');
const MAIN = join(ROOT, 'src/main.ts');
const files = await makePolicyFiles();

async function fairlead(command: string, directory: string): Promise<[number, string]> {
  const argv = ['--conditions=source', MAIN, command, directory];
  const env = { ...process.env, OIDC_SECRET: 'a-secret-of-the-test' };
  const child = spawn(process.execPath, argv, { env });
  const ended = new Promise<number>((resolve) => child.once('close', resolve));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return [await ended, out + error];
}

const SETS = [join(ROOT, 'policies'), ...readdirSync(EXAMPLES).map((name) => join(EXAMPLES, name))];

for (const set of SETS) {
  const name = set.slice(ROOT.length + 1);

  test(`${name} passes check without a warning, and its own tests`, async () => {
    const folder = await policyFolder(set, files);
    try {
      const directory = join(folder.root, 'policies');

      const [checked, told] = await fairlead('check', directory);
      const [tested, results] = await fairlead('test', directory);

      assert.equal(checked, 0, told);
      assert.doesNotMatch(told, /warning/);
      assert.equal(tested, 0, results);
    } finally {
      await folder.remove();
    }
  });

  test(`${name} leads an editor to its schema`, () => {
    const file = join(set, 'policy.yaml');
    const first = readFileSync(file, 'utf8').split('\n')[0]!;
    const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first)?.[1];

    assert.ok(schema !== undefined && existsSync(join(dirname(file), schema)), first);
  });
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { PolicyDirectory } from '../../../../src/policy/source/policy-directory.ts';
import { readSet } from '../../../../src/policy/source/read-set.ts';
import { policyFolder } from '../../../support/policy/policy-files.ts';
import type { PolicyFiles } from '../../../support/policy/policy-files.ts';

async function read(files: PolicyFiles) {
  const folder = await policyFolder({}, files);
  try {
    return await readSet(new PolicyDirectory('policies', folder.root));
  } finally {
    await folder.remove();
  }
}

test('reads yaml and yml at any depth, and nothing below a dot-folder', async () => {
  const set = await read({
    'a.yaml': '1',
    'deep/er/b.yml': '2',
    '..data/c.yaml': '3',
    '.hidden.yaml': '4',
    'd.json': '5',
  });

  assert.deepEqual(
    set.files.map(({ shown }) => shown),
    ['policies/a.yaml', 'policies/deep/er/b.yml'],
  );
  assert.deepEqual(set.findings, []);
});

test('refuses a file larger than a mebibyte (E007)', async () => {
  const set = await read({ 'a.yaml': `#${' '.repeat(1024 * 1024)}` });

  assert.deepEqual(set.files, []);
  assert.match(set.findings[0]!.message, /larger than 1048576 octets/);
  assert.equal(set.findings[0]!.code, 'E007');
});

test('refuses a set of more than five hundred files (E007)', async () => {
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`f${i}.yaml`, '']));

  const set = await read(many);

  assert.equal(set.findings[0]!.code, 'E007');
});

test('says what stands in the place of a file', async () => {
  const folder = await policyFolder({}, { 'one.yaml': 'version: 1\n' });
  try {
    execFileSync('mkfifo', [join(folder.root, 'policies', 'pipe.yaml')]);
    const { findings } = await readSet(new PolicyDirectory('policies', folder.root));

    assert.deepEqual(
      findings.map(({ code, message, at }) => [code, message, at]),
      [['E010', 'this is a pipe, not a regular file', 'policies/pipe.yaml']],
    );
  } finally {
    await folder.remove();
  }
});

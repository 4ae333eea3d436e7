import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILT_IN_PLUGINS } from '../../src/app/load/built-in-plugins.ts';
import { catalogueOf } from '../../src/plugin/host/load/catalogue.ts';
import { formatIssues } from '../../src/policy/issues/issue-format.ts';
import { ISSUE_CODES } from '../../src/policy/issues/issue-codes.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { fakePlugins } from '../support/plugins/fake-plugins.ts';
import { makePolicyFiles, policyFolder } from '../support/policy/policy-files.ts';

/**
 * Each folder of `cases` is a policy set and what is said of it. To add a case, add a folder and run once
 * with UPDATE_CASES=1; then read what was written.
 */
const CASES = join(import.meta.dirname, 'cases');
/** A set whose name begins so is judged with the options of our own plugins, any other with those of stand-ins. */
const OWN_PLUGINS = 'plugin-';
const builtIn = catalogueOf(BUILT_IN_PLUGINS);
const UPDATE = process.env['UPDATE_CASES'] === '1';
const cases = readdirSync(CASES).sort();
const files = await makePolicyFiles();

for (const name of cases) {
  test(`the set ${name} gets exactly its expected output`, async () => {
    const folder = await policyFolder(join(CASES, name, 'policies'), files);

    try {
      const found = await outputOf(name, folder.root);

      if (UPDATE) writeFileSync(expectedFile(name), found);
      assert.equal(found, readFileSync(expectedFile(name), 'utf8'));
    } finally {
      await folder.remove();
    }
  });
}

/**
 * Files of a size that does not belong in a repository: test/unit/policy/source/read-set.test.ts. A day that is never
 * the same: test/unit/policy/material/credentials.test.ts.
 * A test of the set that fails: test/integration/gateway/test-on-reload.test.ts.
 */
const COVERED_ELSEWHERE = new Set(['E007', 'E501', 'W311']);

test('each issue code has a case', () => {
  const said = cases
    .filter((name) => existsSync(expectedFile(name)))
    .map((name) => readFileSync(expectedFile(name), 'utf8'))
    .join('\n');

  const missing = Object.keys(ISSUE_CODES).filter((code) => !said.includes(` ${code}: `));

  assert.deepEqual(missing, [...COVERED_ELSEWHERE]);
});

test('each issue code is described in docs/policy-errors.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/policy-errors.md'), 'utf8');

  const missing = Object.keys(ISSUE_CODES).filter((code) => !page.includes(`| ${code} `));

  assert.deepEqual(missing, []);
});

async function outputOf(name: string, root: string): Promise<string> {
  const result = await loadPolicy('policies', {
    generation: 1,
    plugins: name.startsWith(OWN_PLUGINS) ? builtIn : fakePlugins,
    cwd: root,
    env: { SECRET: 'a-secret-of-the-environment' },
  });
  const issues = result.kind === 'ok' ? result.warnings : result.issues;
  return `${result.kind}\n${formatIssues(issues, { format: 'text', keptGeneration: 41 })}`;
}

function expectedFile(name: string): string {
  return join(CASES, name, 'expected.txt');
}

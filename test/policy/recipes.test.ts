import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../src/app/load/load-policy-set.ts';
import { runCases } from '../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { makePolicyFiles } from '../support/policy/policy-files.ts';
import { writeFiles } from '../support/policy/policy-set.ts';
import { readRecipes } from '../support/policy/recipes.ts';
import type { Recipe } from '../support/policy/recipes.ts';
import { issue, makeCa } from '../support/tools/certificates.ts';

const LINK = (await makePolicyFiles())['secrets/link.json']!;
const CA = await makeCa('recipes');
const RECIPES = readRecipes();

test('there are recipes for thirty things and more', () => {
  assert.ok(RECIPES.length >= 30);
});

for (const recipe of RECIPES) {
  test(`the recipe ${recipe.name} passes check without a warning, and its own tests`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-recipe-'));
    await writeFiles(directory, { ...recipe.files, ...(await broughtBy(recipe)) });
    const set = await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
    const problems = set.kind === 'ok' ? set.warnings : set.issues;
    const run = set.kind === 'ok' ? await runCases(set, systemClock) : undefined;
    await rm(directory, { recursive: true });

    assert.deepEqual(
      problems.map(({ code, message }) => `${code} ${message}`),
      [],
    );
    assert.ok(run !== undefined && run.cases.length > 0);
    assert.deepEqual(
      run.cases.flatMap(({ name: what, differences }) => differences.map((each) => [what, each])),
      [],
    );
  });
}

/** What the page of the recipes says that their owner brings. */
async function broughtBy({ files, certificates, hosts }: Recipe): Promise<Record<string, string>> {
  const { certPem, keyPem } = await issue(CA, { names: hosts });
  const text = Object.values(files).join('\n');
  return {
    ...Object.fromEntries(
      certificates.flatMap((folder) => [
        [`${folder}/tls.crt`, certPem],
        [`${folder}/tls.key`, keyPem],
      ]),
    ),
    // A file that no policy names would count as one of the policy.
    ...(text.includes('secrets/link.yaml') && { 'secrets/link.yaml': LINK }),
    ...(text.includes('secrets/client') && {
      'secrets/client': 'a-secret-of-32-characters-0123456',
    }),
  };
}

test('the page of the recipes lists each once, with what it does and the words for it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../examples/recipes/README.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ['))
    .map((line) => line.replaceAll(/ +/g, ' '));

  const wanted = RECIPES.map(
    ({ name, title, words }) => `| [${title}](${name}/policy.yaml) | ${words} |`,
  );

  assert.deepEqual(rows.toSorted(), wanted.toSorted());
});

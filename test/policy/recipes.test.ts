import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../src/app/load/load-policy-set.ts';
import { runCases } from '../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { makePolicyFiles } from '../support/policy/policy-files.ts';
import { writeFiles } from '../support/policy/policy-set.ts';
import { readRecipes } from '../support/policy/recipes.ts';

const FILES = await makePolicyFiles();
/** A file that no policy names would count as one of the policy. */
const LINK = 'secrets/link.yaml';

for (const { name, text } of readRecipes()) {
  test(`the recipe ${name} passes check without a warning, and its own tests`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-recipe-'));
    await writeFiles(directory, {
      'policy.yaml': text,
      ...(text.includes(LINK) && { [LINK]: FILES['secrets/link.json']! }),
    });
    const set = await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
    const problems = (set.kind === 'ok' ? set.warnings : set.issues).map(
      ({ code, message }) => `${code} ${message}`,
    );
    const run = set.kind === 'ok' ? await runCases(set, systemClock) : undefined;
    await rm(directory, { recursive: true });

    assert.deepEqual(problems.filter(isOfTheRecipe), []);
    assert.ok(run !== undefined && run.cases.length > 0);
    assert.deepEqual(
      run.cases.flatMap(({ name: what, differences }) => differences.map((each) => [what, each])),
      [],
    );
    assert.match(
      text,
      /^# yaml-language-server: \$schema=\S+policy\.schema\.json\n# .+\.\nversion: 1\n/,
    );
  });
}

/** A recipe is no whole set: it brings no certificate. */
function isOfTheRecipe(problem: string): boolean {
  return !problem.startsWith('W304');
}

test('the page of the recipes lists each with what it does', () => {
  const page = readFileSync(join(import.meta.dirname, '../../examples/recipes/README.md'), 'utf8');
  const rows = page.split('\n').map((line) => line.replaceAll(/ +/g, ' '));

  const missing = readRecipes().filter(({ name, text }) => {
    const [, title] = /^# (.+)\.$/m.exec(text.slice(text.indexOf('\n') + 1))!;
    return !rows.includes(`| [${name}](${name}/policy.yaml) | ${title} |`);
  });

  assert.deepEqual(missing, []);
});

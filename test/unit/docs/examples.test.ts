import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import type { LoadedSet } from '../../../src/app/load/load-policy-set.ts';
import { runCases } from '../../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';

/** Pages whose blocks of YAML that begin with a version are sets with their own tests. */
const PAGES = ['docs/claims.md'];
const ROOT = join(import.meta.dirname, '../../..');

for (const page of PAGES) {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const sets = [...text.matchAll(/```yaml\n(version: 1\n.*?)```/gs)].map(([, set]) => set!);

  test(`${page} shows at least one whole set`, () => assert.ok(sets.length > 0));

  for (const [index, set] of sets.entries()) {
    test(`set ${index + 1} of ${page} passes check and its own tests`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'fairlead-docs-'));
      try {
        writeFileSync(join(directory, 'policy.yaml'), set);
        mkdirSync(join(directory, 'secrets'));
        writeFileSync(join(directory, 'secrets/oidc-client'), 'a-secret-of-an-example');

        const loaded = await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
        assert.ok(loaded.kind === 'ok', errorsOf(loaded));
        const { cases } = await runCases(loaded, systemClock);

        assert.ok(cases.length > 0);
        assert.deepEqual(
          cases.filter(({ differences }) => differences.length > 0),
          [],
        );
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  }
}

function errorsOf(loaded: LoadedSet): string {
  return loaded.kind === 'errors' ? formatIssues(loaded.issues, { format: 'text' }) : '';
}

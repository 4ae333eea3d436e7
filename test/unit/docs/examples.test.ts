import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { runCases } from '../../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { parseFile } from '../../../src/policy/source/parse-file.ts';
import { lineStartsOf } from '../../../src/policy/source/source.ts';
import { docSnippets } from '../../support/policy/doc-snippets.ts';
import type { Block } from '../../support/policy/doc-snippets.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { wholeSet } from '../../support/policy/whole-set.ts';

/** What a page says of the set around its snippet: by a line of the snippet. */
const AROUND: Readonly<Record<string, Block>> = {
  '# … as before, and:': {
    routes: { app: { host: 'app.example.com', service: 'app', auth: 'public' } },
  },
  'name: a gold tenant gets the gold limits': {
    tenants: { id: 'identity.claims.org', tier: { from: 'identity.claims.plan' } },
    tiers: { gold: { rate: '1000/s', concurrent: 500 } },
    routes: {
      app: {
        host: 'app.example.com',
        service: 'app',
        auth: ['api', 'corp'],
        paths: { '/public/**': { auth: 'public' } },
      },
    },
  },
};

const SNIPPETS = docSnippets();

test('the pages have policies to try', () => {
  const pages = new Set(SNIPPETS.map(({ place }) => place.split(':')[0]));

  for (const page of ['README.md', 'docs/routing.md', 'docs/addresses.md', 'docs/claims.md']) {
    assert.ok(pages.has(page), page);
  }
  assert.ok(pages.has('docs/behind-a-balancer.md'));
});

for (const { place, text, block } of SNIPPETS) {
  test(`the policy at ${place} passes check without a warning, and its own tests`, async () => {
    const file = { path: place, shown: place, text, lineStarts: lineStartsOf(text) };
    assert.deepEqual(parseFile(file).findings, []);
    const line = Object.keys(AROUND).find((each) => text.includes(each));
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-docs-'));
    await writeFiles(directory, await wholeSet(block, AROUND[line ?? ''] ?? {}));
    const set = await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
    const problems = set.kind === 'ok' ? set.warnings : set.issues;
    const run = set.kind === 'ok' ? await runCases(set, systemClock) : undefined;
    await rm(directory, { recursive: true });

    assert.deepEqual(
      problems.map(({ code, message }) => `${code} ${message}`),
      text.match(/W3\d\d/g) ?? [],
    );
    assert.deepEqual(
      run!.cases.flatMap(({ name, differences }) => differences.map((each) => [name, each])),
      [],
    );
  });
}

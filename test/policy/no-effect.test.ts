import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { builtInCatalogue } from '../../src/app/load/load-policy-set.ts';
import { formatIssues } from '../../src/policy/issues/issue-format.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { LIMITS_AND_SERVICES } from '../support/policy/no-effect-limits.ts';
import { GATEWAY_AND_RULES } from '../support/policy/no-effect-rules.ts';
import { makePolicyFiles, policyFolder } from '../support/policy/policy-files.ts';

const plugins = await builtInCatalogue();
const made = await makePolicyFiles();

/** What a row does not say itself. */
const REST = parse(`
version: 1
gateway: { certificates: [certs/app] }
network: { link: secrets/link.json }
providers: { api: { plugin: jwt, issuer: 'https://login.example.com', audience: web } }
routes: { web: { host: app.example.com, service: web, auth: api } }
`) as Record<string, unknown>;

for (const [without, code, path, withEffect] of [...LIMITS_AND_SERVICES, ...GATEWAY_AND_RULES]) {
  test(`${path} that would do nothing is told (${code}): ${without}`, async () => {
    const [told, fine] = [await issuesOf(without), await issuesOf(withEffect)];

    const places = told.map((issue) => `${issue.code} ${issue.path ?? ''}`);
    assert.ok(places.includes(`${code} ${path}`), formatIssues(told, { format: 'text' }));
    const left = fine.filter((issue) => issue.path === path);
    assert.deepEqual(left, [], formatIssues(left, { format: 'text' }));
  });
}

async function issuesOf(text: string) {
  const set = { ...REST, ...(parse(text) as object) };
  const files = {
    'secrets/long': 'a-secret-of-at-least-thirty-two-characters',
    'keys.json': '{ "keys": [] }',
  };
  const named = Object.fromEntries(Object.entries(files).filter(([path]) => text.includes(path)));
  const folder = await policyFolder({ ...made, ...named, 'policy.yaml': JSON.stringify(set) }, {});
  const options = { generation: 1, plugins, cwd: folder.root, env: {} };
  const result = await loadPolicy('policies', options);
  await folder.remove();
  return result.kind === 'ok' ? result.warnings : result.issues;
}

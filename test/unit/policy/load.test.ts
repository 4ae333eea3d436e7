import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatIssues } from '../../../src/policy/issues/issue-format.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { fakePlugins } from '../../support/plugins/fake-plugins.ts';
import { loadFolder } from '../../support/policy/load-folder.ts';
import { makePolicyFiles } from '../../support/policy/policy-files.ts';
import type { PolicyFiles } from '../../support/policy/policy-files.ts';

const files = await makePolicyFiles();

const load = (source: PolicyFiles, withFiles = files) => loadFolder(source, withFiles);

/** The text form of what was wrong with one file. */
async function complaints(text: string): Promise<string> {
  const result = await load({ 'web.yaml': text });
  return result.kind === 'ok' ? 'ok' : formatIssues(result.issues, { format: 'text' });
}

test('leaves files that the set names as a path or secret out of the set', async () => {
  const result = await load({
    'web.yaml':
      'version: 1\nnetwork: { link: secrets/link.yaml }\nproviders: { api: { plugin: jwt, issuer: https://a, audience: a, secret: "${file:token.yaml}" } }\nroutes: { web: { host: app.example.com, service: web, auth: api } }\n',
    'secrets/link.yaml': files['secrets/link.json']!,
    'token.yaml': '- not a policy: [',
  });

  assert.equal(result.kind, 'ok');
});

test('takes no file out of the set that only names itself', async () => {
  const found = await complaints('version: 1\nnetwork: { link: web.yaml }\nroutes: { w: {} }\n');

  assert.match(found, /missing key "host" in routes\.w/);
});

test('never prints a secret, wherever it is misplaced', async () => {
  const found = await complaints(`version: 1
providers:
  api:
    plugin: jwt
    isuer: x
    secret: &s correct-horse
    pasword: battery-staple
    skew: *s
  other: { plugin: unknown, token: battery-staple, list: { key: [correct-horse] } }
routes: { web: { host: correct-horse, service: correct-horse } }
`);

  assert.doesNotMatch(found, /correct-horse|battery-staple/);
  assert.match(found, /\[redacted\]/);
});

test('names both places of a route that two files claim', async () => {
  const route = 'routes: { NAME: { host: app.example.com, service: web, auth: public } }\n';
  const result = await load({
    'a.yaml': `version: 1\n${route.replace('NAME', 'one')}`,
    'b.yaml': route.replace('NAME', 'two'),
  });

  assert.equal(result.kind, 'errors');
  assert.match(
    formatIssues(result.issues, { format: 'text' }),
    /b\.yaml:1:\d+: error E303: .*a\.yaml:2:\d+/,
  );
});

test('says that the directory cannot be read', async () => {
  const result = await loadPolicy('/nonexistent/policies', {
    generation: 1,
    plugins: fakePlugins,
    cwd: '/',
    env: {},
  });

  assert.ok(result.kind === 'errors' && !result.readable);
  assert.equal(result.issues[0]?.message, 'the policy directory does not exist');
});

test('two sets have the same hash only when names and texts are the same', async () => {
  const text = 'version: 1\n';
  const hashes = await Promise.all(
    [{ 'a.yaml': text }, { 'a.yaml': text }, { 'b.yaml': text }, { 'a.yaml': `${text}#` }].map(
      async (set) => {
        const result = await load(set, {});
        return result.kind === 'ok' ? result.snapshot.hash : '';
      },
    ),
  );

  assert.equal(hashes[0], hashes[1]);
  assert.equal(new Set(hashes).size, 3);
});

/** YAML-like rubbish: words of the language and of YAML in any order. */
const WORDS = [
  'version',
  'gateway',
  'routes',
  'web',
  'host',
  'auth',
  'paths',
  '/a',
  'tiers',
  'providers',
  'plugin',
  'jwt',
  'secret',
  'network',
  'link',
  'services',
  'via',
  'tcp',
  'tls',
  'tenants',
  ': ',
  ':\n  ',
  '\n',
  ', ',
  '{ ',
  ' }',
  '[',
  ']',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '!!x ',
  '? ',

  '"',
  "'",
  '|',
  '>',
  '\t',
  '\0',
  '${env:X}',
  '${file:x}',
  '~',
  '1',
  '-1',
  '10/s',
  '---\n',
  '#',
];
const rubbish = fc
  .array(fc.constantFrom(...WORDS), { maxLength: 40 })
  .map((words) => words.join(''));

test('no YAML whatever makes it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(rubbish, fc.string({ unit: 'binary' })), async (text) => {
      const result = await load({ 'web.yaml': `version: 1\n${text}` }, {});

      const issues = result.kind === 'ok' ? result.warnings : result.issues;
      formatIssues(issues, { format: 'text' });
      assert.ok(result.kind === 'ok' || issues.some(({ severity }) => severity === 'error'));
    }),
    { numRuns: 150 },
  );
});

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LanguageServer } from '../../support/tools/language-server.ts';
import type { Place } from '../../support/tools/language-server.ts';

const ROOT = join(import.meta.dirname, '../../..');
const POLICY = join(ROOT, 'policies/policy.yaml');
const LINE = readFileSync(POLICY, 'utf8').split('\n')[0]!;
const SETS = globSync(
  ['policies/*.yaml', 'examples/**/policy.yaml', 'examples/*/policies/*.yaml'],
  {
    cwd: ROOT,
  },
).sort();

const server = await LanguageServer.start();
after(() => server[Symbol.asyncDispose]());

/** Where `|` stands in a text below the line that names the schema, and the text without it. */
function pointed(text: string): { readonly text: string; readonly place: Place } {
  const whole = `${LINE}\n${text}`;
  const before = whole.slice(0, whole.indexOf('|')).split('\n');
  const place = { line: before.length - 1, character: before.at(-1)!.length };
  return { text: whole.replace('|', ''), place };
}

async function offeredAt(text: string): Promise<readonly string[]> {
  const { text: whole, place } = pointed(text);
  const { uri } = await server.open(POLICY, whole);
  return server.complete(uri, place);
}

/** What is written, and some of what is offered there. */
const COMPLETIONS: readonly [name: string, text: string, offered: readonly string[]][] = [
  ['the blocks of a policy', 'version: 1\n|', ['gateway', 'routes', 'tests']],
  [
    'the keys of a route',
    'version: 1\nroutes:\n  web:\n    |',
    ['host', 'service', 'auth', 'paths', 'redirect'],
  ],
  ['public as an auth', 'version: 1\nroutes:\n  web:\n    auth: |', ['public']],
  [
    'the keys of an auth that is a mapping',
    'version: 1\nroutes:\n  web:\n    auth:\n      |',
    ['all', 'optional'],
  ],
  [
    'the keys of a service',
    'version: 1\nservices:\n  web:\n    |',
    ['address', 'addresses', 'protocol', 'tls', 'url'],
  ],
  [
    'the values of a key',
    'version: 1\nservices:\n  web:\n    protocol: |',
    ['http1', 'h2', 'auto'],
  ],
  ['the plugins', 'version: 1\nproviders:\n  api:\n    plugin: |', ['jwt', 'oidc']],
  [
    'the options of the plugin that is named',
    'version: 1\nproviders:\n  api:\n    plugin: jwt\n    |',
    ['issuer', 'audience', 'jwks'],
  ],
];

for (const [name, text, wanted] of COMPLETIONS) {
  test(`an editor offers ${name}`, async () => {
    const offered = await offeredAt(text);

    assert.deepEqual(
      wanted.filter((label) => !offered.includes(label)),
      [],
      `offered: ${offered.join(', ')}`,
    );
  });
}

test('an editor does not offer keys of another place', async () => {
  const offered = await offeredAt('version: 1\nservices:\n  web:\n    |');

  assert.deepEqual(
    offered.filter((label) => ['host:', 'auth', 'paths', 'version'].includes(label)),
    [],
  );
});

test('an editor shows what a key does, and its default', async () => {
  const { text, place } = pointed('version: 1\nnetwork:\n  link: a\n  open|Wait: 5s\n');

  const { uri } = await server.open(POLICY, text);

  assert.match(
    (await server.hover(uri, place)) ?? '',
    /From opening a stream to its answer\. Default 5s\./,
  );
});

test('an editor marks a wrong key at its place', async () => {
  const { text } = pointed('version: 1\nroutes:\n  web: { host: a.example.com, servise: web }|');

  const { diagnostics } = await server.open(POLICY, text);

  assert.deepEqual(
    diagnostics.map(({ message, range }) => [message, range.start]),
    [['Property servise is not allowed.', { line: 3, character: 30 }]],
  );
});

test('an editor marks a wrong value', async () => {
  const { diagnostics } = await server.open(
    POLICY,
    `${LINE}\nversion: 1\ngateway: { watch: on }\n`,
  );

  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics));
});

test('there are sets to look at', () => assert.ok(SETS.length > 25, SETS.join(', ')));

for (const file of SETS) {
  test(`an editor knows the keys of ${file} and has nothing against it`, async () => {
    const path = join(ROOT, file);
    const text = readFileSync(path, 'utf8');

    const { uri, diagnostics } = await server.open(path, text);

    assert.deepEqual(diagnostics, []);
    const line = text.split('\n').findIndex((each) => each.startsWith('version:'));
    assert.match(
      (await server.hover(uri, { line, character: 2 })) ?? '',
      /Version of the language/,
    );
  });
}

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compile, fairlead, Installations } from '../../support/gateway/installed-gateway.ts';

const PAGE = join(import.meta.dirname, '../../../docs/design/plugin-contract.md');
const MANIFEST = { type: 'module', exports: './index.js', fairleadPlugin: { api: 1 } };

/** The examples of the documentation are what is installed here: one of the contract, one with the kit. */
const page = readFileSync(PAGE, 'utf8');
const SOURCES = ['@acme/fairlead-static-key', '@acme/fairlead-visitors'].map((name) => {
  const sources = [...page.matchAll(/```ts\n(import .*?)```/gs)].map(([, source]) => source!);
  return [name, sources.find((source) => source.includes(`name: '${name}'`))!] as const;
});
const providers = /```yaml\n(providers:.*?)```/s.exec(page)![1]!;

const installations = new Installations();
after(() => installations[Symbol.dispose]());
const clone = installations.clone();
const image = installations.image();
const AUTHORS = SOURCES.map(([name, source]) => {
  const folder = installations.author(image, source);
  return { name, source, folder, compiled: compile(folder) };
});

const policies = join(installations.folder, 'policies');
mkdirSync(policies);
writeFileSync(
  join(policies, 'policy.yaml'),
  `version: 1
${providers}  visitors: { plugin: '@acme/fairlead-visitors', lasts: 30m }
services: { shop: { address: "web:8080" } }
routes:
  shop: { host: shop.example.test, service: shop, auth: partners }
  fair: { host: fair.example.test, service: shop, auth: visitors }
`,
);

function installPlugins(packages: string): void {
  for (const { name, folder } of AUTHORS) {
    const target = join(packages, name);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'package.json'), JSON.stringify({ ...MANIFEST, name }));
    cpSync(join(folder, 'index.js'), join(target, 'index.js'));
  }
}

for (const { name, source, compiled } of AUTHORS) {
  test(`${name} compiles against the types of the built package`, () => {
    assert.deepEqual(compiled, { status: 0, output: '' });
  });

  test(`${name} compiles against the sources of a clone`, () => {
    const folder = installations.author(clone, source);
    const options = '--noEmit --customConditions source --allowImportingTsExtensions'.split(' ');

    assert.deepEqual(compile(folder, ...options), { status: 0, output: '' });
  });
}

const FORMS: readonly (readonly [form: string, root: () => string, packages: string])[] = [
  ['a clone', () => clone, 'node_modules'],
  ['the image', () => image, 'node_modules'],
  ['the npm package', () => installations.package(image), '..'],
];

for (const [form, rootOf, packages] of FORMS) {
  test(`${form} loads installed plugins and asks them`, () => {
    const root = rootOf();
    installPlugins(join(root, packages));

    const checked = fairlead(root, 'check', policies);
    const args = ['--url', 'https://shop.example.test/', '--header', 'x-api-key: k-123'];
    const { output } = fairlead(root, 'explain', policies, ...args);
    const visit = ['--url', 'https://fair.example.test/', '--header', 'x-visitor: v1'];
    const visited = fairlead(root, 'explain', policies, ...visit);

    assert.match(checked.output, /^ok: 2 hosts, 1 service, 2 providers$/m);
    assert.equal(checked.status, 0);
    assert.match(output, /^provider +partners: identity p1, issuer partners  \S+$/m);
    assert.match(output, /^outcome +forwarded to service shop as GET \/, by /m);
    assert.match(visited.output, /^provider +visitors: identity v1, issuer visitors  \S+$/m);
  });
}

test('the plugin of the documentation takes no name of Object for a key', () => {
  const args = ['--url', 'https://shop.example.test/', '--header', 'x-api-key: toString'];

  const { output } = fairlead(clone, 'explain', policies, ...args);

  assert.match(output, /denied, key\.unknown/);
});

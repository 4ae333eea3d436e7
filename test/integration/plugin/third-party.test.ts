import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compile, fairlead, Installations } from '../../support/gateway/installed-gateway.ts';

const PAGE = join(import.meta.dirname, '../../../docs/design/plugin-contract.md');
const NAME = '@acme/fairlead-static-key';
const MANIFEST = {
  name: NAME,
  type: 'module',
  exports: './index.js',
  fairleadPlugin: { api: 1 },
};

/** The example of the documentation is what is installed here. */
const page = readFileSync(PAGE, 'utf8');
const source = /```ts\n(import .*?)```/s.exec(page)![1]!;
const providers = /```yaml\n(providers:.*?)```/s.exec(page)![1]!;

const installations = new Installations();
after(() => installations[Symbol.dispose]());
const clone = installations.clone();
const image = installations.image();
const author = installations.author(image, source);
const compiled = compile(author);

const policies = join(installations.folder, 'policies');
mkdirSync(policies);
writeFileSync(
  join(policies, 'policy.yaml'),
  `version: 1
${providers}
services: { shop: { address: "web:8080" } }
routes: { shop: { host: shop.example.test, service: shop, auth: partners } }
`,
);

function installPlugin(packages: string): void {
  const folder = join(packages, NAME);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  cpSync(join(author, 'index.js'), join(folder, 'index.js'));
}

test('a plugin compiles against the types of the built package', () => {
  assert.deepEqual(compiled, { status: 0, output: '' });
});

test('a plugin compiles against the sources of a clone', () => {
  const folder = installations.author(clone, source);
  const options = '--noEmit --customConditions source --allowImportingTsExtensions'.split(' ');

  assert.deepEqual(compile(folder, ...options), { status: 0, output: '' });
});

const FORMS: readonly (readonly [form: string, root: () => string, packages: string])[] = [
  ['a clone', () => clone, 'node_modules'],
  ['the image', () => image, 'node_modules'],
  ['the npm package', () => installations.package(image), '..'],
];

for (const [form, rootOf, packages] of FORMS) {
  test(`${form} loads an installed plugin and asks it`, () => {
    const root = rootOf();
    installPlugin(join(root, packages));

    const checked = fairlead(root, 'check', policies);
    const args = ['--url', 'https://shop.example.test/', '--header', 'x-api-key: k-123'];
    const { output } = fairlead(root, 'explain', policies, ...args);

    assert.match(checked.output, /^ok: 1 host, 1 service, 1 provider$/m);
    assert.equal(checked.status, 0);
    assert.match(output, /^provider +partners: identity p1, issuer partners$/m);
    assert.match(output, /^outcome +forwarded to service shop as \/$/m);
  });
}

test('the plugin of the documentation takes no name of Object for a key', () => {
  const args = ['--url', 'https://shop.example.test/', '--header', 'x-api-key: toString'];

  const { output } = fairlead(clone, 'explain', policies, ...args);

  assert.match(output, /denied with 401, +key\.unknown/);
});

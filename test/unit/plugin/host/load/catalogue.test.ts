import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { catalogueOf, loadPlugins } from '../../../../../src/plugin/host/load/catalogue.ts';
import { pluginOf } from '../../../../support/plugins/plugin-host.ts';

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-catalogue-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

/** A schema by hand, since the packages of these tests have no node_modules of their own. */
const schemaOf = (properties: string): string =>
  `{ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }),
    jsonSchema: { input: () => ({ type: 'object', ${properties} }), output: () => ({}) } } }`;
const pluginText = (more: string): string =>
  `export default { api: 1, kind: 'authenticator', name: 'x', options: ${schemaOf('')},
    create: async () => ({ authenticate: () => ({ kind: 'pass' }) }), ${more} };`;

async function install(name: string, source: string, manifest: object = {}): Promise<void> {
  const folder = join(directory, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  const whole = { name, type: 'module', fairleadPlugin: { api: 1 }, exports: './index.js' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...whole, ...manifest }));
  await writeFile(join(folder, 'index.js'), source);
}

const load = (...names: string[]) =>
  loadPlugins(names, { builtIns: [pluginOf(() => ({}) as never)], installDirectory: directory });

test('finds what is built in, and nothing else', () => {
  const plugin = pluginOf(() => ({}) as never);
  const catalogue = catalogueOf([plugin]);

  assert.equal(catalogue.find('fake'), plugin);
  assert.equal(catalogue.find('toString'), undefined);
  assert.deepEqual(catalogue.names(), ['fake']);
});

test('loads a package with a scope, and one without', async () => {
  await install('@acme/fairlead-key', pluginText(''));
  await install('fairlead-key', pluginText(''), { exports: { '.': { import: './index.js' } } });

  const { catalogue, issues } = await load('fake', '@acme/fairlead-key', 'fairlead-key');

  assert.deepEqual(issues, []);
  assert.deepEqual(catalogue.names(), ['@acme/fairlead-key', 'fairlead-key', 'fake']);
});

test('gives a package the contract of this gateway, also beside a copy of its own', async () => {
  const source = `import { definePlugin, PLUGIN_API } from 'fairlead/plugin';
    ${pluginText('api: PLUGIN_API').replace('export default ', 'export default definePlugin(').replace(/;$/, ');')}`;
  await install('imports-contract', source);
  await install('imports-contract/node_modules/fairlead', 'export const PLUGIN_API = 0;');

  const { catalogue, issues } = await load('imports-contract');

  assert.deepEqual(issues, []);
  assert.equal(catalogue.find('imports-contract')?.api, 1);
});

const laterKind = (kind: string): RegExp =>
  new RegExp(`it is of kind "${kind}", which is not in this version; wanted "authenticator"`);

const BROKEN: readonly (readonly [name: string, source: string, manifest: object, RegExp])[] = [
  ['no-mark', pluginText(''), { fairleadPlugin: undefined }, /no "fairleadPlugin": \{ "api": 1 \}/],
  ['api-two', pluginText(''), { fairleadPlugin: { api: 2 } }, /asks for api 2, this gateway has/],
  ['own-api', pluginText('api: 2'), {}, /has api 2, wanted 1/],
  ['odd-stand-in', pluginText('mayStandIn: true'), {}, /mayStandIn is not a function/],
  ...['authorizer', 'transform', 'sink'].map(
    (kind) => [`kind-${kind}`, pluginText(`kind: '${kind}'`), {}, laterKind(kind)] as const,
  ),
  ['odd-kind', pluginText("kind: 'filter'"), {}, /it is of kind "filter", wanted "authenticator"/],
  ['no-create', pluginText('create: undefined'), {}, /no create\(\)/],
  ['authorized', pluginText("authorization: 'both'"), {}, /none of "reads" and "writes"/],
  ['no-schema', pluginText('options: {}'), {}, /not a Standard Schema/],
  ['no-default', 'export const plugin = 1;', {}, /not a plugin object/],
  ['throws', 'throw new TypeError("top secret");', {}, /could not be loaded: TypeError/],
  [
    'takes-timeout',
    pluginText(`options: ${schemaOf('properties: { timeout: {} }')}`),
    {},
    /declare "timeout", which the gateway itself reads/,
  ],
  [
    'takes-plugin',
    pluginText(`options: ${schemaOf('anyOf: [{ properties: { plugin: {} } }]')}`),
    {},
    /declare "plugin"/,
  ],
];

for (const [name, source, manifest, message] of BROKEN) {
  test(`refuses a package that is broken: ${name}`, async () => {
    await install(name, source, manifest);

    const { catalogue, issues } = await load(name);

    assert.equal(catalogue.find(name), undefined);
    assert.equal(issues[0]?.plugin, name);
    assert.match(issues[0]?.message ?? '', message);
    assert.doesNotMatch(issues[0]?.message ?? '', /secret/);
  });
}

test('says that a package is not installed', async () => {
  const { issues } = await load('@acme/absent');

  assert.match(issues[0]?.message ?? '', /neither a built-in plugin nor a package installed in/);
});

for (const name of ['../evil', '/etc/passwd', 'file:///x', 'node:fs', '@acme/x/../y', 'a b', '']) {
  test(`does not take ${JSON.stringify(name)} for a package`, async () => {
    const { issues } = await load(name);

    assert.match(issues[0]?.message ?? '', /neither a built-in plugin nor the name of an npm/);
  });
}

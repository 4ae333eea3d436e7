import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { builtInCatalogue } from '../../../../src/app/load/load-policy-set.ts';
import { optionsSchemaJson } from '../../../../src/policy/schema/json-schema.ts';
import { referencePage } from '../../../../src/policy/schema/reference.ts';

const catalogue = await builtInCatalogue();

/** The row of a key in a section: value, default, what it does. */
function rowOf(page: string, section: string, key: string): readonly string[] | undefined {
  const [, body = ''] = page.split(`\n## ${section}\n`);
  const [own = ''] = body.split('\n## ');
  const line = own.split('\n').find((each) => each.startsWith(`| \`${key}\` |`));
  return line
    ?.split(/(?<!\\)\|/)
    .slice(2, -1)
    .map((cell) => cell.trim());
}

/** The page of a policy with one block, `gateway`, of these keys. */
function pageOf(keys: z.core.$ZodLooseShape): string {
  const core = z.toJSONSchema(z.strictObject({ gateway: z.strictObject(keys) }), { io: 'input' });
  return referencePage({ find: () => undefined, names: () => [] }, core);
}

test('has a section for each block and for the options of each built-in plugin', () => {
  const page = referencePage(catalogue);

  const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  assert.deepEqual(titles, [
    'gateway',
    'network',
    'services',
    'providers',
    ...catalogue.names().map((name) => `providers: ${name}`),
    'tenants',
    'tiers',
    'profiles',
    'routes',
    'paths',
    'tests',
  ]);
});

test('says of each key what it takes, its default and what it does', () => {
  const page = referencePage(catalogue);

  const rows: [section: string, key: string, ...row: string[]][] = [
    [
      'gateway',
      'client.headers',
      'duration above 0',
      '10s',
      'From the first octet of a request to its last field.',
    ],
    [
      'network',
      'link.port',
      'whole number from 1 to 65535',
      'required',
      'Port of an edge or normal listener.',
    ],
    ['services', 'address', 'text', "the service's name", 'Routing key in the Skupper network.'],
    ['providers: oidc', 'client.secret', 'text (secret)', '–', 'The client secret, by reference.'],
    [
      'providers: jwt',
      'skew',
      'duration',
      '`30s`',
      'How far the clocks of issuer and gateway may differ, at most 60s.',
    ],
    [
      'paths',
      'timeout.total',
      'duration above 0 or `null`',
      'no limit',
      'From the request head to the end of the response.',
    ],
  ];
  for (const [section, key, ...row] of rows) {
    const plain = rowOf(page, section, key)?.map((cell, at) =>
      at === 1 && section !== 'providers: jwt' ? cell.replaceAll('`', '') : cell,
    );
    assert.deepEqual(plain, row, `${section} ${key}`);
  }
});

test('leaves no key without a sentence', () => {
  const page = referencePage(catalogue);

  assert.deepEqual(page.match(/^.*\| +\|$/gm) ?? [], []);
});

test('names every option of every built-in plugin', () => {
  const page = referencePage(catalogue);

  for (const name of catalogue.names()) {
    const options = optionsSchemaJson(catalogue.find(name)!)['properties'] as object;
    for (const key of Object.keys(options)) {
      assert.ok(rowOf(page, `providers: ${name}`, key), `${name} ${key}`);
    }
  }
});

test('keeps text of a description from being read as Markdown', () => {
  const page = pageOf({ key: z.string().meta({ description: 'a | b, *.x, <name> and `<code>`' }) });

  assert.deepEqual(rowOf(page, 'gateway', 'key'), [
    'text',
    'required',
    'a \\| b, \\*.x, &lt;name> and `<code>`.',
  ]);
});

test('has a key once when its mapping may stand alone or in a list', () => {
  const each = z.strictObject({ name: z.string() });
  const page = pageOf({ one: z.union([each, z.array(each)]), many: z.array(each) });

  const keys = [...page.matchAll(/^\| `(.+?)` \|/gm)].map(([, key]) => key);
  assert.deepEqual(keys, ['one', 'one.name', 'many', 'many[].name']);
});

test('takes a default that is computed from the last sentence', () => {
  const page = pageOf({
    early: z.string().meta({ description: 'By default it waits. More of it.' }),
    late: z.string().optional().meta({ description: 'What it is. Default: 1.5 of the other.' }),
  });

  assert.deepEqual(rowOf(page, 'gateway', 'early'), [
    'text',
    'required',
    'By default it waits. More of it.',
  ]);
  assert.deepEqual(rowOf(page, 'gateway', 'late'), ['text', '1.5 of the other', 'What it is.']);
});

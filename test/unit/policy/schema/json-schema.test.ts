import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { PLUGIN_API } from '../../../../src/plugin/contract.ts';
import type { Plugin } from '../../../../src/plugin/contract.ts';
import { coreSchemaJson, policySchemaJson } from '../../../../src/policy/schema/json-schema.ts';
import { fakePlugins } from '../../../support/plugins/fake-plugins.ts';

const names = { ...fakePlugins, names: () => ['jwt'] };

type Schema = Record<string, unknown>;

function at(schema: unknown, ...path: string[]): Schema {
  return path.reduce((place, key) => (place as Schema)[key], schema) as Schema;
}

test('composes the options of each plugin behind its name', () => {
  const schema = policySchemaJson(names);

  const provider = at(schema, 'properties', 'providers', 'additionalProperties');
  const [choice] = provider['allOf'] as Schema[];
  assert.deepEqual(choice!['if'], {
    properties: { plugin: { const: 'jwt' } },
    required: ['plugin'],
  });
  assert.deepEqual(at(choice, 'then')['required'], ['issuer', 'audience']);
  assert.deepEqual(Object.keys(at(choice, 'then', 'properties')).slice(0, 3), [
    'plugin',
    'timeout',
    'issuer',
  ]);
  assert.equal(at(choice, 'then')['additionalProperties'], false);
});

test('is the same each time and leaves the core schema alone', () => {
  const before = JSON.stringify(coreSchemaJson());

  const twice = [policySchemaJson(names), policySchemaJson(names)].map((schema) =>
    JSON.stringify(schema),
  );

  assert.equal(twice[0], twice[1]);
  assert.equal(JSON.stringify(coreSchemaJson()), before);
});

test('moves the definitions of a plugin to the root under its name', () => {
  const tree = z.strictObject({
    get children() {
      return z.array(tree);
    },
  });
  const plugin = {
    api: PLUGIN_API,
    kind: 'authenticator',
    name: '@acme/tree',
    options: z.strictObject({ tree }),
  } as unknown as Plugin<'authenticator', unknown>;

  const schema = policySchemaJson({ find: () => plugin, names: () => ['@acme/tree'] });

  const defined = Object.keys(at(schema, '$defs'));
  assert.ok(defined.length > 0 && defined.every((key) => key.startsWith('@acme/tree/')));
  const references = JSON.stringify(schema).match(/"#\/\$defs\/[^"]+"/g)!;
  for (const reference of references) {
    const key = reference.slice(9, -1).replaceAll('~1', '/').replaceAll('~0', '~');
    assert.ok(defined.includes(key), reference);
  }
});

test('describes every field', () => {
  const undescribed: string[] = [];
  const visit = (schema: Schema, path: string) => {
    for (const [key, field] of Object.entries(
      (schema['properties'] ?? {}) as Record<string, Schema>,
    )) {
      if (typeof field['description'] !== 'string') undescribed.push(`${path}.${key}`);
    }
    for (const [key, inner] of Object.entries(schema)) {
      if (typeof inner === 'object' && inner !== null) visit(inner as Schema, `${path}.${key}`);
    }
  };

  visit(coreSchemaJson(), '');

  assert.deepEqual(undescribed, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { reportSchemaIssues } from '../../../../src/policy/issues/schema-issues.ts';
import type { SchemaIssue } from '../../../../src/policy/issues/schema-issues.ts';
import { Findings } from '../../../../src/policy/issues/issue.ts';
import { policySchemaJson, schemaJson } from '../../../../src/policy/schema/json-schema.ts';
import { policySchema } from '../../../../src/policy/schema/policy.ts';
import { referencePage } from '../../../../src/policy/schema/reference.ts';
import { mapping, wait } from '../../../../src/policy/schema/scalars.ts';
import { parseFile } from '../../../../src/policy/source/parse-file.ts';
import { lineStartsOf, plainOf } from '../../../../src/policy/source/source.ts';

const NO_PLUGINS = { find: () => undefined, names: () => [] };

/** The schema of today with one line more. */
const grown = policySchema.extend({
  network: mapping('The way into the network.', {
    patience: wait('How long to be patient.', 90_000).optional(),
  }).optional(),
});
const json = schemaJson(grown);

function complaintsOf(text: string): readonly (string | undefined)[] {
  const file = { path: '/a.yaml', shown: 'a.yaml', text, lineStarts: lineStartsOf(text) };
  const root = parseFile(file).root!;
  const findings = new Findings();
  const codes = { type: 'E101', unknown: 'E102', missing: 'E103', value: 'E104' } as const;
  const { error } = grown.safeParse(plainOf(root, new Map()));
  const issues = (error?.issues ?? []) as readonly SchemaIssue[];
  reportSchemaIssues(issues, { root, base: [], json, codes, findings });
  return findings.issues().flatMap(({ message, hint }) => [message, hint]);
}

test('a new option is in the reference by its line of the schema alone', () => {
  const page = referencePage(NO_PLUGINS, json);

  assert.ok(
    page.includes('| `patience` | duration above 0 | `90s` | How long to be patient. |'),
    page.slice(page.indexOf('## network'), page.indexOf('## services')),
  );
});

test('a new option is in the editor schema with its default', () => {
  const { properties } = policySchemaJson(NO_PLUGINS, json) as {
    properties: { network: { properties: Record<string, z.core.JSONSchema.BaseSchema> } };
  };

  const option = properties.network.properties['patience']!;
  assert.equal(option.default, '90s');
  assert.equal(option.description, 'How long to be patient. Default 90s.');
});

test('a new option is suggested for a slip, and a wrong value is told what it must be', () => {
  assert.deepEqual(complaintsOf('version: 1\nnetwork: { patiense: 3s }'), [
    'unknown key "patiense" in network',
    'did you mean "patience"?',
  ]);
  assert.deepEqual(complaintsOf('version: 1\nnetwork: { patience: [] }'), [
    'patience must be a duration above 0 and of at most 24 days such as "30s", found a list',
    undefined,
  ]);
});

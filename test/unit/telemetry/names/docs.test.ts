import assert from 'node:assert/strict';
import test from 'node:test';
import { PROBLEMS } from '../../../../plugins/oidc/pages/problems.ts';
import {
  ACCESS_FIELDS,
  DROPS,
  FAULTS,
  METRICS,
  PLUGIN_EVENTS,
  PLUGIN_REASONS,
  REASONS,
  REFUSALS,
} from '../../../../src/telemetry/names/names.ts';
import { docsPage, namesInDocs } from '../../../support/tools/sources.ts';

const [errors, metrics] = [docsPage('errors.md'), docsPage('metrics.md')];

/** What a page has to name, all of it and nothing else. */
const PAGES: readonly (readonly [what: string, docs: readonly string[], names: object])[] = [
  ['refusals in errors.md', namesInDocs(errors, '## Refusals'), REFUSALS],
  ['reasons in errors.md', namesInDocs(errors, '## Reasons'), { ...REASONS, ...PLUGIN_REASONS }],
  ['faults in errors.md', namesInDocs(errors, '## Faults'), FAULTS],
  ['drops in errors.md', namesInDocs(errors, '## Drops'), DROPS],
  ['metrics in metrics.md', namesInDocs(metrics, '<!--'), byName(Object.values(METRICS))],
  ['events in metrics.md', namesInDocs(metrics, '## Events'), PLUGIN_EVENTS],
  ['fields in access-log.md', namesInDocs(docsPage('access-log.md')), ACCESS_FIELDS],
  [
    'problems of logins in login.md',
    namesInDocs(docsPage('login.md'), '## When a login'),
    Object.fromEntries(Object.keys(PROBLEMS).map((code) => [`oidc.${code}`, code])),
  ],
];

for (const [what, docs, names] of PAGES) {
  test(`the docs have each of the ${what}, and none that is not there`, () => {
    assert.deepEqual(docs, Object.keys(names).sort());
  });
}

for (const { name, type, unit, labels, help, act } of Object.values(METRICS)) {
  test(`the row of ${name} has its type, unit, labels, meaning and advice`, () => {
    const row = metrics.split('\n').find((line) => line.startsWith(`| \`${name}\` `));

    const cells = row?.split(/ *\| */).slice(2, -1);

    const shown = labels.map((label) => `\`${label}\``).join(', ');
    assert.deepEqual(cells, [type, unit, shown, help, act]);
  });
}

function byName(named: readonly { readonly name: string }[]): object {
  return Object.fromEntries(named.map((each) => [each.name, each]));
}

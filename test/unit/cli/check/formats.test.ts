import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from 'sarif';
import { githubLines } from '../../../../src/cli/check/github.ts';
import { sarifOf } from '../../../../src/cli/check/sarif.ts';
import type { PolicyIssue } from '../../../../src/policy/issues/issue.ts';

const UNKNOWN: PolicyIssue = {
  code: 'E102',
  severity: 'error',
  message: 'unknown key "a%0Ab" in routes.web',
  file: 'policies/a,b:c/50% x.yaml',
  line: 3,
  column: 47,
  path: 'routes.web',
  hint: 'did you mean "auth"?',
  excerpt: undefined,
};
const EMPTY: PolicyIssue = {
  ...UNKNOWN,
  code: 'W304',
  severity: 'warning',
  message: 'of the whole file',
  file: '/etc/fairlead',
  line: 0,
  column: 0,
  hint: undefined,
};

test('github: a command of its own line each, with nothing in a value that could end it', () => {
  assert.deepEqual(githubLines([UNKNOWN, EMPTY]).split('\n'), [
    '::error file=policies/a%2Cb%3Ac/50%25 x.yaml,line=3,col=47,title=E102::unknown key "a%250Ab" in routes.web%0Adid you mean "auth"?',
    '::warning file=/etc/fairlead,title=W304::of the whole file',
    '',
  ]);
});

test('sarif: a result for each issue, with its rule, level, text and place', () => {
  const log = JSON.parse(sarifOf([UNKNOWN, EMPTY, UNKNOWN])) as Log;

  const [run] = log.runs;
  assert.equal(log.version, '2.1.0');
  assert.deepEqual(
    run!.tool.driver.rules?.map(({ id, shortDescription }) => [id, shortDescription?.text]),
    [
      ['E102', 'an unknown key'],
      ['W304', 'a host that no certificate serves'],
    ],
  );
  assert.equal(run!.results?.length, 3);
  assert.deepEqual(run!.results[0], {
    ruleId: 'E102',
    level: 'error',
    message: { text: 'unknown key "a%0Ab" in routes.web\ndid you mean "auth"?' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'policies/a%2Cb%3Ac/50%25%20x.yaml' },
          region: { startLine: 3, startColumn: 47 },
        },
      },
    ],
  });
  assert.deepEqual(run!.results[1]!.locations, [
    { physicalLocation: { artifactLocation: { uri: 'file:///etc/fairlead' } } },
  ]);
});

test('sarif: without issues there is a run without results, so that old ones are closed', () => {
  const log = JSON.parse(sarifOf([])) as Log;

  assert.deepEqual(log.runs[0]!.results, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadedSet } from '../../../../src/app/load/load-policy-set.ts';
import { reportIssues } from '../../../../src/cli/run/report-issues.ts';
import { createLog } from '../../../../src/record/log.ts';
import { loadFolder } from '../../../support/policy/load-folder.ts';

const BAD = 'version: 1\nroutes:\n  web: { host: app.example.com, service: web, atuh: public }\n';
const set = (await loadFolder({ 'w\u202eb.yaml': BAD }, {})) as LoadedSet;

test('among JSON log lines each issue is a line of its own', () => {
  const lines = reported({ logFormat: 'json', isTTY: false }).trimEnd().split('\n');

  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    parsed.map(({ level, code, line }) => [level, code, line]),
    [
      ['error', 'E210', 3],
      ['warn', 'W307', 3],
      ['error', 'E102', 3],
    ],
  );
  assert.equal(parsed[2]!['file'], 'policies/w\\u{202e}b.yaml');
  assert.equal(parsed[2]!['hint'], 'did you mean "auth"?');
  assert.doesNotMatch(lines.join(''), /\u202e/);
});

test('a person gets the report as "fairlead check" prints it', () => {
  for (const how of [
    { logFormat: 'json', isTTY: true },
    { logFormat: 'pretty', isTTY: false },
  ] as const) {
    assert.match(reported(how), /error E102.*: unknown key "atuh" in routes\.web/);
  }
});

function reported(how: { readonly logFormat: 'json' | 'pretty'; readonly isTTY: boolean }): string {
  let text = '';
  const write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  const log = createLog({ level: 'info', format: how.logFormat, destination: { write } });
  reportIssues(set, {
    log,
    logFormat: how.logFormat,
    stderr: { write, isTTY: how.isTTY },
    keptGeneration: undefined,
  });
  return text;
}

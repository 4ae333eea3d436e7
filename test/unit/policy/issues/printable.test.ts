import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIssues } from '../../../../src/policy/issues/issue-format.ts';
import { printable } from '../../../../src/policy/issues/printable.ts';
import { loadFolder } from '../../../support/policy/load-folder.ts';

const EVIL = '\n\u001b[31m\u202e\u0085\u200b\ufeff\u2028';

test('controls, line ends and formats are escaped, letters of any script stay', () => {
  assert.equal(printable('a\nb\u001b[0m\u202e'), 'a\\nb\\u{1b}[0m\\u{202e}');
  assert.equal(printable('\ud800'), '\\u{d800}');
  assert.equal(printable('bücher 書 🙂'), 'bücher 書 🙂');
});

test('names of files, keys and values reach neither terminal nor log raw', async () => {
  const key = JSON.stringify(`k${EVIL}`);
  const result = await loadFolder(
    {
      [`w\u001b\u202e\nb.yaml`]: `version: 1\n${key}: 1\ntiers: { ${key}: { rate: ${key} } }\nroutes: { web: { host: ${key}, service: ${key}, auth: ${key}, paths: { ${key}: { auth: public } } } }\nproviders: { a: { plugin: ${key}, ${key}: 1 } }\ntenants: { overrides: { ${key}: { tier: ${key} } } }\n`,
    },
    {},
  );

  assert.equal(result.kind, 'errors');
  for (const format of ['text', 'json'] as const) {
    const shown = formatIssues(result.issues, { format });
    for (const raw of EVIL.slice(1))
      assert.ok(raw === '[' || /\w/.test(raw) || !shown.includes(raw));
    assert.match(shown, /w\\{1,2}u\{1b\}\\{1,2}u\{202e\}\\{1,2}nb\.yaml/);
  }
  for (const { file, message, path } of result.issues) {
    assert.doesNotMatch(file + message + path, /\n/);
  }
});

test('what is printed of an issue is bounded, however long a key is', async () => {
  const long = 'x'.repeat(200_000);
  const result = await loadFolder(
    {
      'web.yaml': `version: 1\nroutes:\n  ? ${long}\n  : { host: "${long}", service: w, paths: { ? "/${long}" : { boby: 1 } } }\nproviders:\n  ? ${long}\n  : { plugin: "${long}" }\n`,
    },
    {},
  );

  assert.equal(result.kind, 'errors');
  for (const issue of result.issues) assert.ok(JSON.stringify(issue).length < 5000);
  assert.ok(formatIssues(result.issues, { format: 'text' }).length < 50_000);
});

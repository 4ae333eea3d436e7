import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Findings } from '../../../../src/policy/issues/issue.ts';
import { formatIssues } from '../../../../src/policy/issues/issue-format.ts';
import { lineStartsOf } from '../../../../src/policy/source/source.ts';
import type { SourceFile } from '../../../../src/policy/source/source.ts';

function fileOf(text: string, shown = 'policies/web.yaml'): SourceFile {
  return { path: `/${shown}`, shown, text, lineStarts: lineStartsOf(text) };
}

function spanOf(file: SourceFile, token: string) {
  const start = file.text.indexOf(token);
  return { file, start, end: start + token.length };
}

test('shows line, caret, hint and logical path', () => {
  const findings = new Findings();
  const file = fileOf('tiers:\n  gold: { concurent: 5 }\n');
  findings.add({
    code: 'E102',
    message: 'unknown key "concurent" in tiers.gold',
    hint: 'did you mean "concurrent"?',
    path: ['tiers', 'gold', 'concurent'],
    at: spanOf(file, 'concurent'),
  });

  const text = formatIssues(findings.issues(), { format: 'text', keptGeneration: 41 });

  assert.equal(
    text,
    `policies/web.yaml:2:11: error E102: unknown key "concurent" in tiers.gold
    1 | tiers:
    2 |   gold: { concurent: 5 }
      |           ^^^^^^^^^ did you mean "concurrent"?
      = at tiers.gold.concurent

1 error in 1 file. The running configuration (generation 41) was kept.
`,
  );
});

test('sorts by file, line and column, and shows at most fifty', () => {
  const findings = new Findings();
  const files = [fileOf('x\n'.repeat(60), 'b.yaml'), fileOf('x\n', 'a.yaml')];
  for (let line = 59; line >= 0; line -= 1) {
    findings.add({
      code: 'E001',
      message: 'm',
      at: { file: files[0]!, start: line * 2, end: line * 2 + 1 },
    });
  }
  findings.add({ code: 'W301', message: 'm', at: { file: files[1]!, start: 0, end: 1 } });

  const text = formatIssues(findings.issues(), { format: 'text' });

  assert.match(text, /^b\.yaml:1:1: error/);
  assert.equal(text.match(/: error E001/g)?.length, 50);
  assert.match(text, /… and 11 more not shown\n\n60 errors and 1 warning in 2 files\.\n$/);
});

test('a reload that is refused says what was kept, a warning does not', () => {
  const findings = new Findings();
  findings.add({ code: 'W301', message: 'm', at: spanOf(fileOf('x'), 'x') });

  const text = formatIssues(findings.issues(), { format: 'text', keptGeneration: 41 });

  assert.match(text, /\n1 warning in 1 file\.\n$/);
});

test('json holds each issue, and no colour', () => {
  const findings = new Findings();
  findings.add({ code: 'E001', message: 'm', path: ['a', 0], at: spanOf(fileOf('x'), 'x') });

  const parsed = JSON.parse(formatIssues(findings.issues(), { format: 'json', color: true })) as [
    Record<string, unknown>,
  ];

  assert.equal(parsed.length, 1);
  assert.equal(parsed[0]['path'], 'a[0]');
  assert.equal(parsed[0]['severity'], 'error');
});

test('colours only when asked', () => {
  const findings = new Findings();
  findings.add({ code: 'E001', message: 'm', at: spanOf(fileOf('x'), 'x') });
  const escape = String.fromCharCode(27);

  const plain = formatIssues(findings.issues(), { format: 'text' });
  const colored = formatIssues(findings.issues(), { format: 'text', color: true });

  assert.ok(!plain.includes(escape));
  assert.ok(colored.includes(`${escape}[31m`));
});

test('masks a secret in a line and keeps the caret below its token', () => {
  const findings = new Findings();
  const file = fileOf('a: { secret: hunter2, other: 1 }\n');
  findings.hideSpan(spanOf(file, 'hunter2'));
  findings.hideValue('hunter2');
  findings.add({ code: 'E102', message: 'found hunter2', at: spanOf(file, 'other') });

  const lines = formatIssues(findings.issues(), { format: 'text' }).split('\n');

  assert.equal(lines[0], 'policies/web.yaml:1:23: error E102: found [redacted]');
  assert.equal(lines[1]!.indexOf('other'), lines[2]!.indexOf('^'));
  assert.match(lines[1]!, /secret: \[redacted\], other/);
});

test('masks a secret that spans lines in every line that is shown', () => {
  const findings = new Findings();
  const file = fileOf('a: |\n  first\n  second\nb: 1\n');
  findings.hideSpan(spanOf(file, '|\n  first\n  second\n'));
  findings.add({ code: 'E102', message: 'm', at: spanOf(file, 'b') });

  const text = formatIssues(findings.issues(), { format: 'text' });

  assert.doesNotMatch(text, /first|second/);
});

test('a file cannot drive the terminal', () => {
  const findings = new Findings();
  const file = fileOf('a: \u001b[2J\u202ex\n');
  findings.add({ code: 'E102', message: 'found \u001b[2J', at: spanOf(file, 'a') });

  const text = formatIssues(findings.issues(), { format: 'text' });

  assert.ok(!text.includes('\u001b') && !text.includes('\u202e'));
});

test('cuts a long line around its token', () => {
  const findings = new Findings();
  const file = fileOf(`${'x'.repeat(5000)}TOKEN${'y'.repeat(5000)}`);
  findings.add({ code: 'E102', message: 'm', at: spanOf(file, 'TOKEN') });

  const [, line, caret] = formatIssues(findings.issues(), { format: 'text' }).split('\n');

  assert.ok(line!.length < 200);
  assert.equal(line!.indexOf('TOKEN'), caret!.indexOf('^'));
  assert.equal(caret!.match(/\^+/)![0].length, 5);
});

test('says once what was found twice', () => {
  const findings = new Findings();
  const at = spanOf(fileOf('x'), 'x');

  findings.add({ code: 'E001', message: 'm', at });
  findings.add({ code: 'E001', message: 'm', at });

  assert.equal(findings.issues().length, 1);
});

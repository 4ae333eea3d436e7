import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretText } from '../../../../src/policy/material/secret-text.ts';
import { loadFolder } from '../../../support/policy/load-folder.ts';
import { makePolicyFiles } from '../../../support/policy/policy-files.ts';

const SECRET = 'a secret, of some length ${with} $signs';

test('leaves out what editors and tools put behind a secret', () => {
  for (const end of ['', '\n', '\r\n', '\n\n', '\t\n', '\u0000', '\r', '\u0085\n']) {
    assert.deepEqual(secretText(SECRET + end), { kind: 'secret', value: SECRET });
  }
  assert.deepEqual(secretText(' blanks stay '), { kind: 'secret', value: ' blanks stay ' });
});

test('text that only resembles a placeholder, in part or in small letters, is a secret', () => {
  for (const value of ['a${b}c', '$tr0ng', '$word', 'a{{b}}c', 'vault://x', 'rediss://u:p@h']) {
    assert.deepEqual(secretText(value), { kind: 'secret', value });
  }
});

test('a key in PEM keeps its lines', () => {
  const value = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';

  assert.deepEqual(secretText(`${value}\n\n`), { kind: 'secret', value });
});

test('refuses control characters inside, and placeholders, without quoting anything', () => {
  const reasons = [
    'first\nsecond',
    '\tbegins',
    'a\u0000b\n',
    '${SECRET}',
    '${file:x',
    '$SECRET\n',
    '{{ secret }}\n',
    '{{ .Values.oidc.secret }}',
    'file:///run/secrets/oidc\n',
    '${SECRET:-fallback}',
    '${evn:SECRET}',
    'env:SECRET',
    '{{ secret | default "x,y" }}',
    '\n\n',
    '',
  ].map((text) => {
    const found = secretText(text);
    return found.kind === 'trouble' ? found.reason : found.value;
  });

  const placeholder = 'holds a placeholder that was not replaced, not a secret';
  assert.deepEqual(reasons, [
    'holds a control character (U+000A) inside, after 5 characters',
    'holds a control character (U+0009) inside, after 0 characters',
    'holds a control character (U+0000) inside, after 1 characters',
    ...Array<string>(10).fill(placeholder),
    'is empty',
    'is empty',
  ]);
});

test('files and variables are judged alike, where the policy names them', async () => {
  const files = await makePolicyFiles();
  const policy = `version: 1
services: { web: { via: tcp, host: 127.0.0.1, port: 8080 } }
providers:
  one: { plugin: jwt, issuer: https://a.example.com, audience: a, secret: "\${file:secrets/bad}" }
routes: { web: { host: app.example.com, service: web, auth: one } }
`;

  const bad = await loadFolder({ 'web.yaml': policy, 'secrets/bad': 'hunter2\nhunter3\n' }, files);
  const good = await loadFolder({ 'web.yaml': policy, 'secrets/bad': 'hunter2\n\r\n' }, files);

  assert.ok(bad.kind === 'errors');
  assert.match(
    bad.issues.map(({ code, message }) => `${code} ${message}`).join(),
    /^E204 the file policies\/secrets\/bad holds a control character/,
  );
  assert.equal(good.kind, 'ok');
});

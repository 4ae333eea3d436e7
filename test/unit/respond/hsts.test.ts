import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hstsFor } from '../../../src/respond/hsts.ts';

const YEAR = 'max-age=31536000';

test('a year for names by default, and nothing for localhost and addresses', () => {
  const policy = { value: YEAR, isDefault: true };
  const local = [
    'localhost',
    'app.localhost',
    '127.0.0.1',
    '::1',
    '[::1]',
    '[2001:db8::1]',
    undefined,
  ];

  for (const host of local) assert.equal(hstsFor(policy, host), undefined, String(host));
  for (const host of ['app.example.com', 'localhost.example.com', 'notlocalhost']) {
    assert.equal(hstsFor(policy, host), YEAR, host);
  }
});

test('what the policy says goes for every host', () => {
  const policy = { value: YEAR, isDefault: false };

  for (const host of ['localhost', '127.0.0.1', 'app.example.com'])
    assert.equal(hstsFor(policy, host), YEAR);
  assert.equal(hstsFor(undefined, 'app.example.com'), undefined);
});

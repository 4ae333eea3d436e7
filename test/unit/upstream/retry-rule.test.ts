import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayHaveDiedUnseen } from '../../../src/upstream/retry-rule.ts';

const LOST = { method: 'GET', isBodyless: true, hasAnswered: false, earlierRequests: 1 };

test('an idempotent request without a body is sent again when a kept-alive connection died', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']) {
    assert.equal(mayHaveDiedUnseen({ ...LOST, method }), true, method);
  }
});

test('other methods are not sent again, nor a method in other case', () => {
  for (const method of ['POST', 'PATCH', 'PROPFIND', 'get', '']) {
    assert.equal(mayHaveDiedUnseen({ ...LOST, method }), false, method);
  }
});

test('each of the circumstances alone forbids it', () => {
  assert.equal(mayHaveDiedUnseen({ ...LOST, isBodyless: false }), false);
  assert.equal(mayHaveDiedUnseen({ ...LOST, hasAnswered: true }), false);
  assert.equal(mayHaveDiedUnseen({ ...LOST, earlierRequests: 0 }), false);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { matchOwn } from '../../../../src/evaluate/route/match.ts';
import { isOwnPath, ownPath, pathTo } from '../../../../src/core/own-path.ts';
import { routeTable, rule } from '../../../support/policy/policy.ts';

test('all below /.fairlead is ours, and nothing beside it', () => {
  assert.deepEqual(ownPath('/.fairlead/corp/callback'), { owner: 'corp', rest: 'callback' });
  assert.deepEqual(ownPath('/.fairlead/corp/a/b'), { owner: 'corp', rest: 'a/b' });
  assert.deepEqual(ownPath('/.fairlead/session'), { owner: 'session', rest: '' });
  assert.deepEqual(ownPath('/.fairlead'), { owner: '', rest: '' });
  assert.equal(ownPath('/.fairleads/corp'), undefined);
  assert.equal(ownPath('/x/.fairlead/corp'), undefined);
});

test('a page of ours is known however it is spelled, on hosts of the policy', () => {
  const table = routeTable({ 'app.example.com': [rule({ path: '/a' }), rule({ path: '/**' })] });
  const find = (target: string, host = 'app.example.com') => matchOwn(table, { host, target });

  for (const target of ['/.fairlead/corp/login?a=b', '/.%66airlead/corp/login']) {
    const match = find(target);

    assert.ok(match !== undefined && !isRefusal(match), target);
    assert.deepEqual(match.own, { owner: 'corp', rest: 'login' });
    assert.equal(match.path, '/.fairlead/corp/login');
  }
  assert.ok(isRefusal(find('/.fairlead/../x')));
  assert.ok(isRefusal(find('/.fairlead/corp/login', 'evil.test')));
  assert.equal(find('/.well-known/x'), undefined);
  assert.equal(find('/%2Efairlead/corp/login'), undefined);
});

test('the path to a page is one of ours, and leads back to its owner', () => {
  assert.equal(pathTo('session'), '/.fairlead/session');
  assert.deepEqual(ownPath(pathTo('corp', 'login')), { owner: 'corp', rest: 'login' });
  assert.equal(isOwnPath(pathTo('corp')), true);
  assert.equal(isOwnPath('/.fairleads'), false);
});

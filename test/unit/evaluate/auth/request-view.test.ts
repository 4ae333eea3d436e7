import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LazyRequestView } from '../../../../src/evaluate/auth/request-view.ts';
import type { InboundRequest } from '../../../../src/core/message.ts';
import type { Rule } from '../../../../src/policy/snapshot/snapshot.ts';
import { CONNECTION, inbound } from '../../../support/auth/auth.ts';
import { rule } from '../../../support/policy/policy.ts';

const viewOf = (request: Partial<InboundRequest>, publicPort = 443): LazyRequestView =>
  new LazyRequestView({ exchangeId: 'x', request: inbound(request), rule: rule(), publicPort });

test('the URL is made of the host as we read it and the port clients see', () => {
  const tlsLess = { ...CONNECTION, scheme: 'http' as const, tls: undefined };

  assert.equal(viewOf({}).url.href, 'https://app.example.com/things?a=b');
  assert.equal(viewOf({}, 8443).url.href, 'https://app.example.com:8443/things?a=b');
  assert.equal(viewOf({ connection: tlsLess }, 80).url.href, 'http://app.example.com/things?a=b');
  assert.equal(viewOf({ target: '//evil.example/' }).url.host, 'app.example.com');
  assert.equal(viewOf({ target: '*', method: 'OPTIONS' }).url.pathname, '/');
});

test('fields are read without regard to case, and repeated ones are joined', () => {
  const { headers } = viewOf({ headers: ['X-A', '1', 'x-b', '2', 'X-a', '3'] });

  assert.equal(headers.get('x-A'), '1, 3');
  assert.equal(headers.get('x-c'), null);
  assert.equal(headers.has('X-B'), true);
  assert.deepEqual(
    [...headers],
    [
      ['x-a', '1, 3'],
      ['x-b', '2'],
    ],
  );
});

test('R-33: a second Authorization field is seen', () => {
  const { headers } = viewOf({
    headers: ['authorization', 'Bearer a', 'Authorization', 'Bearer b'],
  });

  assert.equal(headers.get('authorization'), 'Bearer a, Bearer b');
});

test('fields cannot be changed by a plugin', () => {
  const { headers } = viewOf({ headers: ['x-a', '1'] });

  assert.throws(() => headers.set('x-a', '2'), /cannot be changed/);
  assert.throws(() => headers.append('x-a', '2'), /cannot be changed/);
  assert.throws(() => headers.delete('x-a'), /cannot be changed/);
});

test('cookies are read from every line', () => {
  const { cookies } = viewOf({ headers: ['cookie', 'a=1; b="2"', 'Cookie', ' c=3=4 ;d='] });

  assert.deepEqual(
    [...cookies],
    [
      ['a', '1'],
      ['b', '"2"'],
      ['c', '3=4'],
      ['d', ''],
    ],
  );
});

test('R-37, L3: a cookie that came twice, without a name or with a control is left out', () => {
  const { cookies } = viewOf({
    headers: ['cookie', '__Host-s=good; x=1; =y; z; c=a\u0001b', 'cookie', '__Host-s=evil'],
  });

  assert.deepEqual([...cookies], [['x', '1']]);
});

test('route, client and TLS are those of the request', () => {
  const view = viewOf({});

  assert.equal(view.route.name, rule().route);
  assert.deepEqual(view.client, { ip: '192.0.2.1' });
  assert.deepEqual(view.tls, { serverName: 'app.example.com', alpn: 'h2' });
});

const CLASSES: readonly (readonly [name: string, request: Partial<InboundRequest>, string])[] = [
  [
    'a page load',
    { headers: ['sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'document'] },
    'navigation',
  ],
  [
    'a frame',
    { headers: ['sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'iframe'] },
    'navigation',
  ],
  [
    'an embedded object',
    { headers: ['sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'embed'] },
    'api',
  ],
  [
    'a fetch that accepts anything',
    { headers: ['sec-fetch-mode', 'cors', 'accept', 'text/html'] },
    'api',
  ],
  ['an old browser', { headers: ['accept', 'text/html,*/*;q=0.8'] }, 'navigation'],
  ['a page load by HEAD', { method: 'HEAD', headers: ['accept', 'text/html'] }, 'navigation'],
  ['a form', { method: 'POST', headers: ['accept', 'text/html'] }, 'api'],
  ['curl', { headers: ['accept', '*/*'] }, 'api'],
  ['a WebSocket', { headers: ['Upgrade', 'websocket', 'accept', 'text/html'] }, 'websocket'],
  ['gRPC', { method: 'POST', headers: ['content-type', 'application/grpc+proto'] }, 'grpc'],
];

for (const [name, request, expected] of CLASSES) {
  test(`${name} is of class ${expected}`, () => {
    assert.equal(viewOf(request).class, expected);
  });
}

test('a plugin is told what its login can do something about, and no claims', () => {
  const claims = [{ text: 'org', path: { kind: 'claim', keys: ['org'] }, conditions: [] }] as const;
  const wanted = (requires: Rule['requires']) =>
    new LazyRequestView({
      exchangeId: 'x',
      request: inbound(),
      rule: rule({ requires }),
      publicPort: 443,
    }).route.requires;

  assert.deepEqual(wanted(undefined), {});
  assert.deepEqual(wanted({ acr: undefined, maxAgeMs: undefined, claims }), {});
  assert.deepEqual(wanted({ acr: 'urn:mfa', maxAgeMs: 1000, claims }), {
    acr: 'urn:mfa',
    maxAgeMs: 1000,
  });
});

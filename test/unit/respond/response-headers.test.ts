import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValues } from '../../../src/core/header-list.ts';
import {
  clientInformationalFields,
  clientResponseFields,
} from '../../../src/respond/response-headers.ts';
import type { ResponseFieldsContext } from '../../../src/respond/response-headers.ts';

const DATE = ['date', 'Thu, 01 Jan 2026 00:00:00 GMT'];
const VIA = ['via', '1.1 fairlead'];

test('keeps fields as they are, in order and repeated ones apart', () => {
  const upstream = ['Server', 'x', 'Set-Cookie', 'a=1', 'X-Y', '', 'Set-Cookie', 'b=2', ...DATE];

  assert.deepEqual(clientResponseFields(upstream, context()), [...upstream, ...VIA]);
});

test('ends hop-by-hop, nominated and framing fields here', () => {
  const upstream = [
    ['Connection', 'close, X-Hop', 'connection', 'x-other'],
    ['X-Hop', '1', 'x-Other', '2', 'Keep-Alive', 'timeout=5', 'Transfer-Encoding', 'chunked'],
    ['Content-Length', '5', 'Upgrade', 'h2c', 'Trailer', 'x', 'TE', 'trailers'],
    ['Proxy-Connection', 'close', 'Proxy-Authenticate', 'Basic'],
  ].flat();

  assert.deepEqual(clientResponseFields([...upstream, ...DATE], context()), [...DATE, ...VIA]);
});

test('keeps Upgrade on a 101, whose switch it names', () => {
  const upstream = ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...DATE];

  const headers = clientResponseFields(upstream, context({ status: 101 }));

  assert.deepEqual(headers, ['Upgrade', 'websocket', ...DATE, ...VIA]);
});

test('adds Via after those of others, with the version the application spoke', () => {
  const headers = clientResponseFields(['Via', '1.0 inner'], context({ receivedVersion: '2' }));

  assert.deepEqual(fieldValues(headers, 'via'), ['1.0 inner', '2 fairlead']);
});

test('adds Date only when there is none', () => {
  assert.deepEqual(fieldValues(clientResponseFields([], context()), 'date'), [DATE[1]]);
  const old = clientResponseFields(['Date', 'Wed, 31 Dec 2025 00:00:00 GMT'], context());
  assert.deepEqual(fieldValues(old, 'date'), ['Wed, 31 Dec 2025 00:00:00 GMT']);
});

test('replaces the HSTS of the application by the one of the policy, on https only', () => {
  const upstream = ['Strict-Transport-Security', 'max-age=0', 'strict-transport-security', 'x'];

  const https = clientResponseFields(upstream, context({ hsts: 'max-age=31536000' }));
  const http = clientResponseFields(upstream, context());

  assert.deepEqual(fieldValues(https, 'strict-transport-security'), ['max-age=31536000']);
  assert.deepEqual(fieldValues(http, 'strict-transport-security'), []);
});

test('lets nobody behind us speak in our name or lead clients around us', () => {
  const upstream = ['Fairlead-Decision', 'allow', 'fairlead-x', '1', 'Alt-Svc', 'h3=":443"'];

  assert.deepEqual(clientResponseFields([...upstream, ...DATE], context()), [...DATE, ...VIA]);
});

test('replaces RateLimit fields of the application when we have our own, else leaves them', () => {
  const upstream = ['RateLimit', '"app";r=1;t=1', 'RateLimit-Policy', '"app";q=1;w=1'];
  const ours = ['ratelimit-policy', '"a";q=2;w=1', 'ratelimit', '"a";r=1;t=1'];

  const replaced = clientResponseFields(upstream, context({ rateLimitFields: ours }));
  const left = clientResponseFields(upstream, context());

  assert.deepEqual(fieldValues(replaced, 'ratelimit'), ['"a";r=1;t=1']);
  assert.deepEqual(fieldValues(replaced, 'ratelimit-policy'), ['"a";q=2;w=1']);
  assert.deepEqual(fieldValues(left, 'ratelimit'), ['"app";r=1;t=1']);
});

test('filters a 1xx alike and adds nothing', () => {
  const upstream = ['Link', '</a.css>', 'Connection', 'x-hop', 'X-Hop', '1', 'Fairlead-X', '1'];

  assert.deepEqual(clientInformationalFields(upstream), ['Link', '</a.css>']);
});

function context(overrides: Partial<ResponseFieldsContext> = {}): ResponseFieldsContext {
  return {
    status: 200,
    receivedVersion: '1.1',
    hsts: undefined,
    rateLimitFields: [],
    nowMs: Date.UTC(2026, 0, 1),
    ...overrides,
  };
}

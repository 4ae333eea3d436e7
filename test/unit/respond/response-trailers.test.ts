import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientTrailers } from '../../../src/respond/response-trailers.ts';

test('passes trailers that only add knowledge', () => {
  const trailers = ['grpc-status', '0', 'Grpc-Message', 'ok', 'server-timing', 'db;dur=1'];

  assert.deepEqual(clientTrailers(trailers), trailers);
});

for (const name of [
  'Content-Length',
  'transfer-encoding',
  'Set-Cookie',
  'WWW-Authenticate',
  'Location',
  'Cache-Control',
  'Strict-Transport-Security',
  'Access-Control-Allow-Origin',
  'Fairlead-Decision',
  'RateLimit',
  'Connection',
  ':status',
]) {
  test(`drops ${name} from trailers`, () => {
    assert.deepEqual(clientTrailers(['x-a', '1', name, 'v', 'x-b', '2']), ['x-a', '1', 'x-b', '2']);
  });
}

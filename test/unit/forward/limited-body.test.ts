import assert from 'node:assert/strict';
import test from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { LimitedBody } from '../../../src/forward/limited-body.ts';
import { FakeBody } from '../../support/fakes/message.ts';

function scene(limitBytes: number) {
  const source = new FakeBody(undefined);
  const seen = { octets: 0, ended: false, error: undefined as GatewayError | undefined };
  const body = new LimitedBody(source, {
    limitBytes,
    onBytes: () => {},
    filterTrailers: (trailers) => trailers,
  });
  body.consume({
    data: (chunk) => (seen.octets += chunk.byteLength),
    end: () => (seen.ended = true),
    fail: (error) => (seen.error = error),
  });
  return { source, seen };
}

test('a body up to the limit passes whole', () => {
  const { source, seen } = scene(4);

  source.receiver!.data(Buffer.from('1234'));
  source.receiver!.end([]);

  assert.deepEqual(seen, { octets: 4, ended: true, error: undefined });
});

test('a body of undeclared length fails at the octet past the limit, and hands none of it on', () => {
  const { source, seen } = scene(4);
  source.receiver!.data(Buffer.from('123'));

  source.receiver!.data(Buffer.from('45'));
  source.receiver!.data(Buffer.from('6'));
  source.receiver!.end([]);

  assert.equal(seen.octets, 3);
  assert.equal(seen.ended, false);
  assert.equal(seen.error?.code, 'client_body_too_large');
  assert.equal(source.isDiscarded, true);
});

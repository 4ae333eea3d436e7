import assert from 'node:assert/strict';
import test from 'node:test';
import { GatewayError } from '../../../../src/core/errors.ts';
import { RequestBody } from '../../../../src/upstream/http1/request-body.ts';
import { FakeBody } from '../../../support/fakes/message.ts';

test('a body that nobody read is untouched, so the request may be tried again', () => {
  const source = new FakeBody(undefined);
  const body = new RequestBody(source, () => {});

  body.destroy();

  assert.equal(source.receiver, undefined);
  assert.equal(source.isDiscarded, false);
});

test('a full body pauses its source, and a read resumes it', () => {
  const source = new FakeBody(undefined);
  const body = new RequestBody(source, () => {});
  body.read();

  source.receiver!.data(Buffer.alloc(64 * 1024));
  const whenFull = source.isPaused;
  body.read();

  assert.equal(whenFull, true);
  assert.equal(source.isPaused, false);
});

test('a body given up half way is discarded', () => {
  const source = new FakeBody(undefined);
  const body = new RequestBody(source, () => {});
  body.on('error', () => {});
  body.read();
  source.receiver!.data(Buffer.from('half'));

  body.destroy(new GatewayError('client_gone'));

  assert.equal(source.isDiscarded, true);
});

test('a body that was cut never ends as if it were whole (E10)', async () => {
  const source = new FakeBody(undefined);
  const body = new RequestBody(source, () => {});
  const seen: string[] = [];
  body.on('end', () => seen.push('end'));
  const failed = new Promise<Error>((resolve) => body.on('error', resolve));
  body.resume();
  await new Promise((resolve) => setImmediate(resolve));

  source.receiver!.fail(new GatewayError('client_body_malformed'));

  assert.equal(((await failed) as GatewayError).code, 'client_body_malformed');
  assert.deepEqual(seen, []);
});

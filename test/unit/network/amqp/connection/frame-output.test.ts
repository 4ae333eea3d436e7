import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { FrameOutput } from '../../../../../src/network/amqp/connection/frame-output.ts';
import { quiet } from '../scripted-router.ts';

/** A socket that notes each write, and finishes one when told to. */
class NotingSocket extends Duplex {
  readonly writes: number[] = [];
  finish: () => void = () => {};

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.writes.push(chunk.length);
    this.finish = callback;
  }

  override _writev(chunks: { readonly chunk: Buffer }[], callback: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    this.finish = callback;
  }
}

test('gathers all frames of a turn into one write', async () => {
  const socket = new NotingSocket();
  const output = new FrameOutput(socket, () => {});

  for (let i = 0; i < 10; i += 1) output.write(Buffer.alloc(50));
  assert.deepEqual(socket.writes, []);
  await quiet();

  assert.deepEqual(socket.writes, [500]);
  assert.equal(output.writes, 1);
});

test('is full from 128 KiB on until the socket drained, and says when', async () => {
  let drains = 0;
  const socket = new NotingSocket();
  const output = new FrameOutput(socket, () => (drains += 1));

  output.write(Buffer.alloc(128 * 1024));
  assert.equal(output.isFull, true);
  await quiet();
  assert.equal(output.isFull, true);
  assert.equal(drains, 0);
  socket.finish();
  await quiet();

  assert.equal(output.isFull, false);
  assert.equal(drains, 1);
});

test('refuses to queue more than 8 MiB for a router that reads nothing', async () => {
  const output = new FrameOutput(new NotingSocket(), () => {});
  const megabyte = Buffer.alloc(1024 * 1024);
  output.write(megabyte);
  await quiet();

  assert.throws(() => {
    for (let i = 0; i < 9; i += 1) output.write(megabyte);
  }, /the router reads nothing/);
});

test('writes nothing after close', async () => {
  const socket = new NotingSocket();
  const output = new FrameOutput(socket, () => {});

  output.write(Buffer.alloc(5));
  output.close();
  output.write(Buffer.alloc(5));
  await quiet();

  assert.deepEqual(socket.writes, []);
});

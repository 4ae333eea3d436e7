import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmqpError } from '../../../../../src/network/amqp/codec/amqp-error.ts';
import {
  encodeOpening,
  OpeningReader,
} from '../../../../../src/network/amqp/codec/stream-opening.ts';

const REPLY_TO = 'amqp:/_topo/0/B/temp.6GUB13WZ3Uqk5GC';

/** router-stream-protocol.md 5, as the router's own listener sent it. */
const CAPTURED = Buffer.concat([
  Buffer.from('005373d000000057000000074040a1057265763a3140a124', 'hex'),
  Buffer.from(REPLY_TO),
  Buffer.from('a1072b6a3048343a38a118', 'hex'),
  Buffer.from('application/octet-stream'),
  Buffer.from('005374d10000000900000002a10156520100537740', 'hex'),
]);
const opening = () =>
  encodeOpening({
    to: 'rev:1',
    replyTo: REPLY_TO,
    correlationId: '+j0H4:8',
    applicationProperties: new Map([['V', 1]]),
  });

test('writes the opening octet for octet as the router does', () => {
  assert.deepEqual(opening(), CAPTURED);
});

test('reads the opening and hands over the octets behind it', () => {
  const read = new OpeningReader().push(Buffer.concat([CAPTURED, Buffer.from('GET /')]));

  assert.equal(read?.opening.to, 'rev:1');
  assert.equal(read?.opening.replyTo, REPLY_TO);
  assert.equal(read?.opening.contentType, 'application/octet-stream');
  assert.equal(read?.opening.applicationProperties.get('V'), 1);
  assert.equal(read?.rest.toString(), 'GET /');
});

test('waits for an opening that comes octet by octet', () => {
  const reader = new OpeningReader();

  const results = [...CAPTURED].map((octet) => reader.push(Buffer.from([octet])));

  assert.ok(results.slice(0, -1).every((result) => result === undefined));
  assert.equal(results.at(-1)?.opening.to, 'rev:1');
});

test('skips header, annotations and the router annotations of an edge listener', () => {
  const routerAnnotations = Buffer.from('0080534b50522d2d5241c006045205404045', 'hex');
  const header = Buffer.from('005370c0020141', 'hex');
  const annotations = Buffer.from('005372c10100', 'hex');

  const read = new OpeningReader().push(
    Buffer.concat([routerAnnotations, header, annotations, CAPTURED]),
  );

  assert.equal(read?.opening.to, 'rev:1');
});

test('refuses a data section, a value that is not null, and what is no section', () => {
  for (const hex of ['005375a00161', '0053775201', '5201']) {
    assert.throws(() => new OpeningReader().push(Buffer.from(hex, 'hex')), AmqpError, hex);
  }
});

test('refuses sections longer than 16 KiB', () => {
  const endless = Buffer.from('005372d100010000', 'hex');
  const reader = new OpeningReader();
  reader.push(endless);

  assert.throws(() => reader.push(Buffer.alloc(16_384)), /longer than 16384/);
});

test('refuses values nested deeper than 16', () => {
  const nested = Buffer.from(`${'00'.repeat(40)}${'40'.repeat(40)}`, 'hex');

  assert.throws(() => new OpeningReader().push(nested), /nested deeper/);
});

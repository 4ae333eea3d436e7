import assert from 'node:assert/strict';
import test from 'node:test';
import { OpeningReader } from '../../../../../src/network/amqp/codec/stream-opening.ts';
import { RequestStream } from '../../../../../src/network/amqp/lane/request-stream.ts';

function openingFor(alpn: string | undefined) {
  let sent: Buffer | undefined;
  const session = { sendOpening: (_transfer: unknown, opening: Buffer) => (sent = opening) };
  const stream = new RequestStream(session as never, {} as never, () => {});

  stream.open(0, { routingKey: 'web:8080', replyTo: 'amqp:/_topo/0/A/temp.x', alpn });

  return new OpeningReader().push(sent!)!.opening;
}

test('an opening names the protocol that the far connector shall speak in its own TLS', () => {
  const { applicationProperties, to } = openingFor('h2');

  assert.equal(to, 'web:8080');
  assert.deepEqual(
    [...applicationProperties],
    [
      ['V', 1],
      ['alpn', 'h2'],
    ],
  );
});

test('an opening names no protocol otherwise', () => {
  assert.deepEqual([...openingFor(undefined).applicationProperties], [['V', 1]]);
});

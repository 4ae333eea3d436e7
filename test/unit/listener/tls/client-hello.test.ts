import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as assertProperty, nat, property } from 'fast-check';
import {
  MAX_HELLO_BYTES,
  MAX_HELLO_RECORDS,
  parseClientHello,
} from '../../../../src/listener/tls/client-hello.ts';
import { realHello, refragment } from '../../../support/clients/client-hello.ts';

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, type, body.length >> 8, body.length & 0xff]), body]);
}

function serverName(name: string): Buffer {
  const text = Buffer.from(name, 'latin1');
  const size = text.length;
  return extension(0, Buffer.concat([Buffer.from([0, size + 3, 0, 0, size]), text]));
}

function helloWith(extensions: Buffer): Buffer {
  const length = Buffer.from([extensions.length >> 8, extensions.length & 0xff]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32),
    Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0]),
    length,
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0, body.length >> 8, body.length & 0xff]), body]);
  return Buffer.concat([
    Buffer.from([22, 3, 1, message.length >> 8, message.length & 0xff]),
    message,
  ]);
}

test('reads name and protocols of a real hello', async () => {
  const hello = await realHello('A.Example', ['h2', 'http/1.1']);

  const result = parseClientHello(hello);

  assert.deepEqual(result, {
    kind: 'hello',
    hello: { serverName: 'a.example', protocols: ['h2', 'http/1.1'] },
  });
});

test('reads a hello cut into records of any size', async () => {
  const hello = await realHello('a.example', ['h2']);
  const smallest = Math.ceil((hello.length - 5) / MAX_HELLO_RECORDS);

  for (const size of [smallest, smallest + 1, 64, 500]) {
    assert.equal(parseClientHello(refragment(hello, size)).kind, 'hello', `size ${size}`);
  }
});

test('gives up on a hello in more records than anybody needs, each of which is walked again', async () => {
  const hello = refragment(await realHello('a.example', ['h2']), 1);
  const enough = hello.subarray(0, MAX_HELLO_RECORDS * 6);

  assert.equal(parseClientHello(enough).kind, 'incomplete');
  assert.equal(parseClientHello(hello).kind, 'invalid');
});

test('reads a hello whose first records hold less than the head of the message', async () => {
  const hello = await realHello('a.example', ['h2']);
  const [first, rest] = [refragment(hello.subarray(0, 8), 1), hello.subarray(8)];
  const last = Buffer.concat([Buffer.from([22, 3, 1, rest.length >> 8, rest.length & 0xff]), rest]);

  assert.equal(parseClientHello(Buffer.concat([first, last])).kind, 'hello');
});

test('waits for more at every place it could be cut', async () => {
  const hello = refragment(await realHello('a.example', ['h2']), 100);

  for (let length = 0; length < hello.length; length += 1) {
    assert.equal(parseClientHello(hello.subarray(0, length)).kind, 'incomplete', `at ${length}`);
  }
});

test('tells plain HTTP from TLS at the first octet', () => {
  assert.deepEqual(parseClientHello(Buffer.from('G')), { kind: 'invalid', reason: 'not_tls' });
});

test('refuses two server names, which two readers could read differently', () => {
  const twice = helloWith(Buffer.concat([serverName('a.example'), serverName('b.example')]));

  assert.equal(parseClientHello(helloWith(serverName('a.example'))).kind, 'hello');
  assert.equal(parseClientHello(twice).kind, 'invalid');
});

for (const name of ['', 'a.example.', 'a..example', 'a\0.example', 'a.example/', '.example']) {
  test(`refuses the server name ${JSON.stringify(name)}`, () => {
    assert.equal(parseClientHello(helloWith(serverName(name))).kind, 'invalid');
  });
}

test('gives up on a hello that is larger than the ceiling', () => {
  const endless = refragment(Buffer.alloc(MAX_HELLO_BYTES + 5, 0x41), 1_000);
  endless.set([1, 0, 0x3f, 0xf0], 5);

  assert.equal(parseClientHello(endless.subarray(0, 10_000)).kind, 'incomplete');
  assert.equal(parseClientHello(endless.subarray(0, MAX_HELLO_BYTES)).kind, 'invalid');
});

test('gives a result for any octets', async () => {
  const hello = await realHello('a.example', ['h2']);

  assertProperty(
    property(nat(hello.length - 1), nat(255), (at, octet) => {
      const changed = Buffer.from(hello);
      changed[at] = octet;
      assert.match(parseClientHello(changed).kind, /^(incomplete|hello|invalid)$/);
    }),
  );
});

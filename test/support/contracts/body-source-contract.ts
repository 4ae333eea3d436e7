import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import { firstField, type HeaderList } from '../../../src/core/header-list.ts';
import type { BodyReceiver } from '../../../src/core/message.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { BodyKind, BodyUnderTest } from './bodies/body-kinds.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const CHUNKS = 256;
/** What the kernel, TLS and node may hold of a body that is paused. */
const MOST_HELD = 4 * 1024 * 1024;

type Row = (under: BodyUnderTest) => Promise<void>;

/** What every `BodySource` does, wherever it comes from. */
export function bodySourceContract({ name, traits, open }: BodyKind): void {
  const check = (does: string, length: number | undefined, run: Row): void => {
    if (length !== undefined && !traits.isFramed) return;
    test(`${name}: ${does}`, async () => {
      await using under = await open(length);
      await run(under);
    });
  };

  check('pushes its octets in order, and ends once', undefined, async ({ body, client }) => {
    const receiver = consumed(body);
    client.send('he');
    client.send('llo');
    client.end();

    await receiver.isOver();
    assert.deepEqual([body.length, receiver.text, receiver.told], [undefined, 'hello', ['end']]);
  });

  check('tells the length that was announced', 5, async ({ body, client }) => {
    const receiver = consumed(body);
    client.send('hello');
    client.end();

    await receiver.isOver();
    assert.deepEqual([body.length, receiver.text, receiver.told], [5, 'hello', ['end']]);
  });

  check('ends in the same turn where there is no body', 0, async ({ body }) => {
    const receiver = consumed(body);

    assert.deepEqual([body.length, receiver.text, receiver.told], [0, '', ['end']]);
  });

  check('paused, it holds the client; resumed, all comes', undefined, async ({ body, client }) => {
    const receiver = consumed(body);
    client.send('x');
    await waitUntil('it flows', () => receiver.length > 0);
    body.pause();
    body.pause();
    for (let i = 0; i < CHUNKS; i += 1) client.send(CHUNK);
    client.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const held = receiver.length;

    body.resume();
    body.resume();
    await receiver.isOver();
    assert.ok(held < MOST_HELD, `${held} octets were pushed while paused`);
    assert.deepEqual([receiver.length, receiver.told], [CHUNKS * CHUNK.length + 1, ['end']]);
  });

  check('paused before it is consumed, it pushes nothing', undefined, async ({ body, client }) => {
    body.pause();
    const receiver = consumed(body);
    client.send('hello');
    client.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([receiver.text, receiver.told], ['', []]);

    body.resume();
    await receiver.isOver();
    assert.deepEqual([receiver.text, receiver.told], ['hello', ['end']]);
  });

  check('discarded, it tells its consumer nothing more', undefined, async ({ body, client }) => {
    const receiver = consumed(body);
    client.send('he');
    await waitUntil('it flows', () => receiver.text === 'he');
    body.discard();
    body.discard();
    client.send('llo');
    client.end();

    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual([receiver.text, receiver.told], ['he', []]);
  });

  check('discarded before, it fails whoever consumes it', undefined, async ({ body }) => {
    body.discard();
    const receiver = consumed(body);

    assert.deepEqual(receiver.told, ['client_gone']);
  });

  check('lost before, it fails whoever consumes it', undefined, async ({ body, sink }) => {
    sink.abort(new GatewayError('draining'));
    const receiver = consumed(body);

    await receiver.isOver();
    assert.equal(receiver.told.length, 1);
  });

  check('cut with its response, it fails once', undefined, async ({ body, sink, client }) => {
    const receiver = consumed(body);
    client.send('he');
    await waitUntil('it flows', () => receiver.text === 'he');
    sink.abort(new GatewayError('draining'));

    await receiver.isOver();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(receiver.told, ['draining']);
  });

  if (!traits.isFramed) return;

  check('tells trailers with its end', undefined, async ({ body, client }) => {
    const receiver = consumed(body);
    client.send('hello');
    client.end({ 'x-sum': '42' });

    await receiver.isOver();
    assert.equal(firstField(receiver.trailers, 'x-sum'), '42');
  });

  for (const length of [undefined, 8]) {
    const told = length === undefined ? 'without a length' : 'of told length';
    check(`${told}, it fails once with a client that vanishes`, length, async (under) => {
      const receiver = consumed(under.body);
      under.client.send('half');
      await waitUntil('it flows', () => receiver.text === 'half');
      under.client.vanish();

      await receiver.isOver();
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(receiver.told, ['client_gone']);
    });
  }
}

class RecordedBody implements BodyReceiver {
  /** `end`, or the code of a fault. */
  readonly told: string[] = [];
  readonly #chunks: Uint8Array[] = [];
  trailers: HeaderList = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  get length(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  isOver(): Promise<void> {
    return waitUntil('the body is over', () => this.told.length > 0);
  }

  data(chunk: Uint8Array): void {
    assert.deepEqual(this.told, [], 'octets after the end');
    this.#chunks.push(chunk);
  }

  end(trailers: HeaderList): void {
    this.told.push('end');
    this.trailers = trailers;
  }

  fail(error: GatewayError): void {
    this.told.push(error.code);
  }
}

function consumed(body: BodyUnderTest['body']): RecordedBody {
  const receiver = new RecordedBody();
  body.consume(receiver);
  return receiver;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import { firstField } from '../../../src/core/header-list.ts';
import type { ResponseSink } from '../../../src/core/message.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { SinkKind, SinkTraits, SinkUnderTest } from './sinks/sink-under-test.ts';

type Trait = Exclude<keyof SinkTraits, 'status'>;
type Row = (under: SinkUnderTest, status: SinkTraits['status']) => Promise<void>;

const CUT = new GatewayError('upstream_reset', { detail: 'the application is gone' });
const UNTOLD = { length: undefined };
const CHUNK = Buffer.alloc(64 * 1024, 'x');
/** 32 MiB: more than the kernel and node hold for a client that does not read. */
const OVERFILL_CHUNKS = 512;
const MOST_CHUNKS = 1_000;

/** What every `ResponseSink` does, whatever it writes to. */
export function responseSinkContract(kind: SinkKind): void {
  const { traits } = kind;
  const check = (does: string, run: Row, ...needs: readonly Trait[]): void => {
    if (!needs.every((trait) => traits[trait])) return;
    test(`${kind.name}: ${does}`, async () => {
      await using under = await kind.open(does.startsWith('to a HEAD') ? 'HEAD' : 'GET');
      await run(under, traits.status);
    });
  };
  wholeResponses(check);
  lengths(check);
  afterTheEnd(check);
  aborts(check);
  backPressure(check);
  vanishingClients(check);
  interimResponses(check);
}

type Check = (does: string, run: Row, ...needs: readonly Trait[]) => void;

function wholeResponses(check: Check): void {
  check('sends head, octets and end, and tells its close once', async (under, status) => {
    const { sink, client } = under;
    const closed = closeOf(under);
    assert.deepEqual([sink.isHeadSent, sink.isClosed], [false, false]);

    sink.head(status, ['x-app', 'one'], UNTOLD);
    assert.deepEqual([sink.isHeadSent, sink.isClosed], [true, false]);
    sink.data(Buffer.from('he'));
    sink.data(Buffer.from('llo'));
    sink.end();
    assert.equal(sink.isClosed, true);
    const got = await client.response();

    assert.deepEqual([got.status, got.body.toString(), got.isWhole], [status, 'hello', true]);
    assert.equal(firstField(got.headers, 'x-app'), 'one');
    await closed.is(undefined);
  });

  check('sends one head, the first', async ({ sink, client }, status) => {
    sink.head(status, ['x-app', 'one'], UNTOLD);
    sink.head(204, ['x-app', 'two'], UNTOLD);
    sink.end();

    const got = await client.response();
    assert.deepEqual([firstField(got.headers, 'x-app'), got.isWhole], ['one', true]);
  });

  check(
    'frames by itself: connection fields of others are left out',
    async ({ sink, client }) => {
      sink.head(200, ['transfer-encoding', 'gzip', 'content-length', '7', 'keep-alive', 'x'], {
        length: 2,
      });
      sink.data(Buffer.from('ok'));
      sink.end();

      const { headers, body } = await client.response();
      assert.equal(body.toString(), 'ok');
      assert.equal(firstField(headers, 'content-length'), '2');
      assert.notEqual(firstField(headers, 'keep-alive'), 'x');
    },
    'hasLengths',
  );

  check('an empty chunk is no end', async ({ sink, client }, status) => {
    sink.head(status, [], UNTOLD);
    assert.equal(sink.data(Buffer.alloc(0)), true);
    sink.data(Buffer.from('ok'));
    sink.end();

    const { body, isWhole } = await client.response();
    assert.deepEqual([body.toString(), isWhole], ['ok', true]);
  });

  check(
    'sends trailers behind a body without a length',
    async ({ sink, client }) => {
      sink.head(200, ['trailer', 'x-sum'], UNTOLD);
      sink.data(Buffer.from('ok'));
      sink.end(['x-sum', '42']);

      const { trailers, isWhole } = await client.response();
      assert.deepEqual([firstField(trailers, 'x-sum'), isWhole], ['42', true]);
    },
    'hasTrailers',
  );

  check(
    'sends the head before the first octet is there',
    async ({ sink, client, told }) => {
      sink.head(200, ['x-app', 'one'], UNTOLD);
      const response = client.response();
      await new Promise((resolve) => setTimeout(resolve, 20));
      sink.abort(CUT);

      assert.equal((await response).status, 200);
      assert.equal(told.length, 1);
    },
    'hasTrailers',
  );
}

function lengths(check: Check): void {
  check(
    'tells the length it was given',
    async ({ sink, client }) => {
      sink.head(200, [], { length: 2 });
      sink.data(Buffer.from('ok'));
      sink.end();

      const { headers, isWhole } = await client.response();
      assert.deepEqual([firstField(headers, 'content-length'), isWhole], ['2', true]);
    },
    'hasLengths',
  );

  check(
    'sends a response without octets',
    async ({ sink, client }) => {
      sink.head(200, [], { length: 0 });
      sink.end();

      const { status, body, isWhole } = await client.response();
      assert.deepEqual([status, body.length, isWhole], [200, 0, true]);
    },
    'hasLengths',
  );

  check(
    'cuts a body that is longer than was told',
    async (under) => {
      const closed = closeOf(under);
      under.sink.head(200, [], { length: 2 });
      under.sink.data(Buffer.from('too long'));

      await closed.isFault('upstream_protocol_error');
      const { body, isWhole } = await under.client.response();
      assert.deepEqual([body.length <= 2, isWhole], [true, false]);
    },
    'hasLengths',
  );

  check(
    'cuts a body that is shorter than was told',
    async (under) => {
      const closed = closeOf(under);
      under.sink.head(200, [], { length: 8 });
      under.sink.data(Buffer.from('short'));
      under.sink.end();

      await closed.isFault('upstream_reset');
      assert.equal((await under.client.response()).isWhole, false);
    },
    'hasLengths',
  );

  check(
    'to a HEAD it tells the length and sends no octet',
    async ({ sink, client }) => {
      sink.head(200, [], { length: 5, bodyless: true });
      sink.data(Buffer.from('hello'));
      sink.end();

      const { headers, body, isWhole } = await client.response();
      assert.deepEqual(
        [firstField(headers, 'content-length'), body.length, isWhole],
        ['5', 0, true],
      );
    },
    'answersHead',
  );

  for (const [status, told] of [
    [204, undefined],
    [304, '5'],
  ] as const) {
    check(
      `sends no octet with ${status}`,
      async ({ sink, client }) => {
        sink.head(status, [], { length: 5, bodyless: true });
        sink.data(Buffer.from('hello'));
        sink.end();

        const got = await client.response();
        assert.deepEqual([got.status, got.body.length, got.isWhole], [status, 0, true]);
        assert.equal(firstField(got.headers, 'content-length'), told);
      },
      'hasLengths',
    );
  }
}

function afterTheEnd(check: Check): void {
  check('writes nothing after the end', async (under, status) => {
    const { sink, client } = under;
    const closed = closeOf(under);
    sink.head(status, [], UNTOLD);
    sink.data(Buffer.from('ok'));
    sink.end();

    sink.head(500, [], UNTOLD);
    assert.equal(sink.data(Buffer.from('more')), true);
    assert.equal(sink.informational(103, []), true);
    sink.end();

    const { body, isWhole } = await client.response();
    assert.deepEqual([body.toString(), isWhole], ['ok', true]);
    await closed.is(undefined);
  });

  check('tells a close listener that comes late', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    under.sink.end();
    await under.client.response();
    await closed.is(undefined);

    const late: unknown[] = [];
    under.sink.onClose((error) => late.push(error));

    assert.deepEqual(late, [undefined]);
  });

  check('octets before a head are a fault, never a response', async (under) => {
    const closed = closeOf(under);
    under.sink.data(Buffer.from('early'));

    await closed.isFault('internal');
    assert.equal((await under.client.response()).status, undefined);
  });

  check('an end before a head is a fault, never a response', async (under) => {
    const closed = closeOf(under);
    under.sink.end();

    await closed.isFault('internal');
    assert.equal((await under.client.response()).status, undefined);
  });
}

function aborts(check: Check): void {
  check('aborted before the head, the client sees an error', async (under) => {
    const closed = closeOf(under);
    under.sink.abort(CUT);
    under.sink.head(200, [], { length: 0 });
    under.sink.end();

    assert.equal((await under.client.response()).status, undefined);
    await closed.is(CUT);
  });

  check(
    'aborted amid a body of told length, the client sees an error',
    async (under) => {
      const closed = closeOf(under);
      under.sink.head(200, [], { length: 8 });
      under.sink.data(Buffer.from('half'));
      under.sink.abort(CUT);
      under.sink.data(Buffer.from('more'));
      under.sink.end();

      assert.equal((await under.client.response()).isWhole, false);
      await closed.is(CUT);
    },
    'hasLengths',
  );

  check(
    'aborted amid a body without a length, the client sees an error',
    async (under) => {
      const closed = closeOf(under);
      const response = under.client.response();
      under.sink.head(200, [], UNTOLD);
      under.sink.data(Buffer.from('half'));
      under.sink.abort(CUT);

      assert.equal((await response).isWhole, false);
      await closed.is(CUT);
    },
    'showsCuts',
  );

  check('aborted twice, it tells the first fault, once', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    under.sink.abort(CUT);
    under.sink.abort(new GatewayError('draining'));

    await under.client.response();
    await closed.is(CUT);
  });

  check('aborted after its close, it says nothing more', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    under.sink.end();
    await under.client.response();
    await closed.is(undefined);

    under.sink.abort(CUT);

    await closed.is(undefined);
  });
}

function backPressure(check: Check): void {
  check('says when it is full and when it has room again', async (under, status) => {
    const { sink, client } = under;
    const drained = Promise.withResolvers<void>();
    sink.onDrain(drained.resolve);
    sink.head(status, [], UNTOLD);
    let given = 1;
    while (sink.data(CHUNK) && given < MOST_CHUNKS) {
      given += 1;
      await new Promise(setImmediate);
    }
    assert.ok(given < MOST_CHUNKS, 'it was never full');

    const response = client.response();
    await drained.promise;
    sink.data(Buffer.from('end'));
    sink.end();

    const { body, isWhole } = await response;
    assert.deepEqual([body.length, isWhole], [given * CHUNK.length + 3, true]);
    assert.equal(body.subarray(-4).toString(), 'xend');
  });

  check('tells of no room once it is over', async (under, status) => {
    const { sink, client } = under;
    const closed = closeOf(under);
    let drains = 0;
    sink.head(status, [], UNTOLD);
    for (let given = 0; sink.data(CHUNK) && given < MOST_CHUNKS; given += 1) {
      await new Promise(setImmediate);
    }
    sink.onDrain(() => (drains += 1));
    sink.end();

    await client.response();
    await closed.is(undefined);
    assert.equal(drains, 0);
  });
}

function vanishingClients(check: Check): void {
  check('a client that vanishes before the head is told as gone', async (under) => {
    const closed = closeOf(under);
    under.client.vanish();

    await closed.isFault('client_gone');
    under.sink.head(200, [], UNTOLD);
    assert.equal(under.sink.data(Buffer.from('late')), true);
    under.sink.end();
    await closed.isFault('client_gone');
  });

  check('a client that vanishes amid the body is told as gone', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    under.sink.data(Buffer.from('half'));
    under.client.vanish();

    await closed.isFault('client_gone');
    assert.equal(under.sink.isClosed, true);
  });

  check('a client that vanishes while octets wait is told as gone', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    await overfill(under.sink);
    under.client.vanish();

    await closed.isFault('client_gone');
  });

  check('a client that vanishes with the end unsent is told as gone', async (under, status) => {
    const closed = closeOf(under);
    under.sink.head(status, [], UNTOLD);
    await overfill(under.sink);
    under.sink.end();
    under.client.vanish();

    await closed.isFault('client_gone');
  });
}

function interimResponses(check: Check): void {
  check(
    'sends interim responses before the head, and no others',
    async ({ sink, client }, status) => {
      for (const interim of [103, 102, 101, 99, 200]) sink.informational(interim, ['link', '</a>']);
      sink.head(status, [], UNTOLD);
      sink.informational(103, []);
      sink.end();

      const { interim, isWhole } = await client.response();
      assert.deepEqual([interim, isWhole], [[103, 102], true]);
    },
    'hasInterim',
  );

  check(
    'leaves out an interim field that is not HTTP',
    async ({ sink, client }, status) => {
      sink.informational(103, ['link', 'a\r\nx-evil: yes']);
      sink.head(status, [], UNTOLD);
      sink.end();

      const { headers, isWhole } = await client.response();
      assert.deepEqual([firstField(headers, 'x-evil'), isWhole], [undefined, true]);
    },
    'hasInterim',
  );

  check('lets no field break out of the head', async ({ sink, client }, status) => {
    sink.head(status, ['x-app', 'a\r\nx-evil: yes'], UNTOLD);
    sink.end();

    assert.equal(firstField((await client.response()).headers, 'x-evil'), undefined);
  });
}

/** More than the kernel holds for a client that does not read: what the sink says is not heeded. */
async function overfill(sink: ResponseSink): Promise<void> {
  for (let given = 0; given < OVERFILL_CHUNKS; given += 1) sink.data(CHUNK);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The close as the one listener and as the owner of the sink are told of it. */
function closeOf({ sink, told }: SinkUnderTest) {
  const heard: (GatewayError | undefined)[] = [];
  sink.onClose((error) => heard.push(error));
  const once = async (): Promise<GatewayError | undefined> => {
    await waitUntil('the close is told', () => heard.length > 0 && told.length > 0);
    // A second word would come within the next turns.
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual([heard.length, told.length], [1, 1]);
    return heard[0];
  };
  return {
    is: async (error: GatewayError | undefined) => assert.equal(await once(), error),
    isFault: async (code: string) => assert.equal((await once())?.code, code),
  };
}

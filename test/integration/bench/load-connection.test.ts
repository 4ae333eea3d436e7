import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import test from 'node:test';
import { LoadConnection } from '../../../bench/load/load-connection.ts';
import { Backend } from '../../support/applications/backend.ts';

interface Tally {
  answered: number;
  readonly failures: string[];
}

/** Lets the generator's connection run against a server for a short while. */
async function load(serve: (socket: Socket) => void, giveUpAfterMs?: number): Promise<Tally> {
  await using backend = await Backend.start(serve);
  const tally: Tally = { answered: 0, failures: [] };
  const socket = connect(backend.address);
  await once(socket, 'connect');
  const connection = new LoadConnection({
    socket,
    request: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    bodyOctets: 5,
    onResponse: () => (tally.answered += 1),
    onFailure: (reason) => tally.failures.push(reason),
  });
  const run = connection.run(performance.now() + 100);
  if (giveUpAfterMs !== undefined) setTimeout(() => connection.giveUp(), giveUpAfterMs);
  await run;
  connection.close();
  return tally;
}

/** Answers each request with the pieces, one after the other has left. */
function answering(...pieces: readonly string[]): (socket: Socket) => void {
  return (socket) => socket.on('data', () => writeAll(socket, pieces));
}

function writeAll(socket: Socket, [piece, ...rest]: readonly string[]): void {
  if (piece === undefined) return;
  socket.write(piece, () => setImmediate(() => writeAll(socket, rest)));
}

const GOOD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

test('complete answers count, in one piece or in several', async () => {
  const whole = await load(answering(GOOD));
  const split = await load(answering(GOOD.slice(0, 10), GOOD.slice(10, 41), GOOD.slice(41)));

  assert.deepEqual([whole.failures, split.failures], [[], []]);
  assert.ok(whole.answered > 1 && split.answered > 1);
});

test('any status but 200 is a failure, and ends the connection', async () => {
  const tally = await load(answering('HTTP/1.1 503 Unavailable\r\nContent-Length: 5\r\n\r\nhello'));

  assert.deepEqual(tally, { answered: 0, failures: ['HTTP/1.1 503 Unavailable'] });
});

test('a body of another length, or octets behind it, is a failure', async () => {
  const other = await load(answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell'));
  const more = await load(answering(`${GOOD}!`));

  assert.deepEqual(other.failures, ['Content-Length 4, wanted 5']);
  assert.deepEqual(more.failures, ['1 octets behind the response']);
});

test('a connection that closes in the middle of an answer is a failure', async () => {
  const tally = await load((socket) => socket.once('data', () => socket.end(GOOD.slice(0, -1))));

  assert.deepEqual(tally, { answered: 0, failures: ['the connection was closed'] });
});

test('an answer that does not come is a failure once it is given up', async () => {
  const tally = await load(() => {}, 5);

  assert.deepEqual(tally, { answered: 0, failures: ['no answer'] });
});

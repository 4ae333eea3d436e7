import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { echo } from '../../support/applications/backend.ts';
import {
  type ChannelKind,
  laneKind,
  plainKind,
  tlsKind,
} from '../../support/contracts/channel-kinds.ts';
import { RecordingUser } from '../../support/contracts/channel-user.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** Code, shapes and pools are warm by then. */
const WARM_UP = 1_000;
const AT_ONCE = 50;
/** A user that is kept has its arrays and a chunk: several times as much. */
const MAY_GROW_BYTES_EACH = 100;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

for (const [channels, name, makeKind] of [
  [10_000, 'lanes', laneKind],
  [10_000, 'plain sockets', plainKind],
  // A handshake costs both ends a millisecond or two.
  [3_000, 'TLS sockets', tlsKind],
] as const) {
  test(`${channels} ${name}, one after the other, leave no memory behind`, async () => {
    await using kind = await makeKind(echo);

    await use(kind, WARM_UP);
    const before = await heap(kind);
    await use(kind, channels - WARM_UP);
    const grownEach = ((await heap(kind)) - before) / (channels - WARM_UP);

    console.log(`${name}: ${Math.round(grownEach)} octets more for each`);
    assert.ok(grownEach < MAY_GROW_BYTES_EACH, `${grownEach} octets more for each`);
  });
}

async function use(kind: ChannelKind, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await useOne(kind);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function useOne(kind: ChannelKind): Promise<void> {
  const channel = await kind.connect(true);
  const { promise, resolve } = Promise.withResolvers<void>();
  const user = new RecordingUser();
  user.onClose = () => resolve();
  channel.attach(user);
  channel.write('question');
  channel.end();
  await promise;
  assert.equal(user.octets.toString(), 'question');
}

async function heap(kind: ChannelKind): Promise<number> {
  await waitUntil('the other ends to close', () => kind.peerCount === 0);
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

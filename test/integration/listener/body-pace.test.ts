import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BodySource } from '../../../src/core/message.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { Http2Client } from '../../support/clients/http2-client.ts';
import {
  RawClient,
  startListening,
  until,
  type Listening,
} from '../../support/gateway/listening.ts';

/** Octets a second: the rate of the listener's test configuration. */
const RATE = 240;
const LENGTH = 20_000;

/** A client that has sent a head, and sends octets of the body when it is told to. */
interface Uploader extends Disposable {
  send(octets: number): void;
}

const FRAMINGS: Readonly<Record<string, (to: Listening) => Promise<Uploader>>> = {
  'HTTP/1.1 with Content-Length': async (to) => {
    const client = await RawClient.secure(to);
    client.write(`POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${LENGTH}\r\n\r\n`);
    return uploader(client, (octets) => client.write('x'.repeat(octets)));
  },
  'HTTP/1.1 chunked': async (to) => {
    const client = await RawClient.secure(to);
    client.write('POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n');
    return uploader(client, (octets) => {
      client.write(`${octets.toString(16)}\r\n${'x'.repeat(octets)}\r\n`);
    });
  },
  'HTTP/2': async (to) => {
    const client = await Http2Client.open(to);
    const post = [':method', 'POST', ':scheme', 'https', ':authority', 'a.example', ':path', '/'];
    const stream = client.session.request(post, { endStream: false });
    stream.on('error', () => {});
    return uploader(client, (octets) => void stream.write('x'.repeat(octets)));
  },
};

function uploader(client: Disposable, send: (octets: number) => void): Uploader {
  return { send, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

interface Scene {
  /** Octets that the client sends in a second; 0 is silence. */
  readonly sent: (second: number) => number;
  /** Seconds in which the application takes nothing. */
  readonly isHeldBack?: (second: number) => boolean;
  readonly seconds: number;
  /** The second by which the body is given up; undefined: it never is. */
  readonly endsBy?: number;
}

const SCENES: Readonly<Record<string, Scene>> = {
  'that drips ends within a window': { sent: () => 1, seconds: 30, endsBy: 11 },
  'that comes in a burst, then drips, ends within two windows': {
    sent: (second) => (second === 0 ? 9_000 : 1),
    seconds: 40,
    endsBy: 21,
  },
  'that we hold back for a minute, then take, goes on': {
    sent: (second) => (second === 0 || second > 60 ? RATE : 0),
    isHeldBack: (second) => second > 0 && second <= 60,
    seconds: 90,
  },
  'that drips after we held it back ends within a window': {
    sent: (second) => (second === 0 ? RATE : second > 60 ? 1 : 0),
    isHeldBack: (second) => second > 0 && second <= 60,
    seconds: 90,
    endsBy: 72,
  },
  'that drips while the application takes and rests in turn ends': {
    sent: () => 1,
    isHeldBack: (second) => second % 2 === 1,
    seconds: 60,
    endsBy: 23,
  },
  'that comes slowly, within the rate, goes on': { sent: () => RATE, seconds: 60 },
};

for (const [framing, open] of Object.entries(FRAMINGS)) {
  for (const [name, scene] of Object.entries(SCENES)) {
    test(`${framing}: a body ${name}`, async () => {
      const endedAt = await play(open, scene);

      if (scene.endsBy === undefined) assert.equal(endedAt, undefined);
      else assert.ok(endedAt! <= scene.endsBy, `given up after ${endedAt} s`);
    });
  }
}

/** The second in which the body was given up as too slow. */
async function play(
  open: (to: Listening) => Promise<Uploader>,
  scene: Scene,
): Promise<number | undefined> {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  let body: BodySource | undefined;
  let [received, sent] = [0, 0];
  const failures: string[] = [];
  gateway.handler.respond = (request) => {
    body = request.body;
    body.consume({
      data: (chunk) => {
        received += chunk.length;
        // As the upstream's body does, which asks for more whenever it has handed something on.
        body?.resume();
      },
      end: () => assert.fail('the body is not whole'),
      fail: (error) => void failures.push(error.code),
    });
  };
  using client = await open(gateway);
  await until(() => body !== undefined, 'the head arrives');
  for (let second = 0; second < scene.seconds; second += 1) {
    const isHeldBack = scene.isHeldBack?.(second) ?? false;
    if (isHeldBack) body!.pause();
    else body!.resume();
    const octets = scene.sent(second);
    if (octets > 0) client.send(octets);
    sent += octets;
    if (!isHeldBack) await until(() => received === sent, `${sent} octets arrive`);
    clock.advance(1_000);
    if (failures.length === 0) continue;
    assert.deepEqual(failures, ['client_body_timeout']);
    return second + 1;
  }
  return undefined;
}

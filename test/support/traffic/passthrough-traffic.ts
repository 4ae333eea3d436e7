import { randomBytes } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { realHello } from '../clients/client-hello.ts';
import { rawClient } from '../gateway/passthrough.ts';
import type { Answer, Attempt, Kind, TrafficTarget } from './exchange.ts';
import { HOSTS } from './policy.ts';

const FILLING_BYTES = 12 * 1024;

/** Connections by server name, echoed, both halves ended: each leaves a lane that the next stream takes. */
export class PassthroughTraffic implements Kind {
  readonly name = 'passthrough';
  readonly pauseMs = 20;
  readonly #target: TrafficTarget;
  readonly #hello = realHello(HOSTS.raw);

  constructor(target: TrafficTarget) {
    this.#target = target;
  }

  async exchange({ nonce, signal }: Attempt): Promise<Answer> {
    const hello = await this.#hello;
    const wanted = `${nonce} ${randomBytes(FILLING_BYTES).toString('hex')}`;
    const socket = addAbortSignal(signal, await rawClient(this.#target.port));
    try {
      socket.write(hello);
      socket.end(wanted);
      const received = await buffer(socket);
      // Told so before anything came: no stream was opened.
      if (received.length === 0) throw new Error('ended without an octet');
      const isEchoed = received.subarray(0, hello.length).equals(hello);
      const octets = isEchoed ? received.toString('latin1', hello.length) : '';
      return { status: 200, octets, wanted };
    } finally {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

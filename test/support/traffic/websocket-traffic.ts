import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { toLoopback } from '../clients/https-client.ts';
import type { Answer, Attempt, Kind, TrafficTarget } from './exchange.ts';
import { HOSTS } from './policy.ts';

const FILLING_BYTES = 48 * 1024;

/** A WebSocket for each exchange: one message, its echo, and a close in order. */
export class WebSocketTraffic implements Kind {
  readonly name = 'websocket';
  readonly pauseMs = 100;
  readonly #target: TrafficTarget;

  constructor(target: TrafficTarget) {
    this.#target = target;
  }

  exchange({ nonce, signal }: Attempt): Promise<Answer> {
    const { port, caPem } = this.#target;
    const wanted = `${nonce} ${randomBytes(FILLING_BYTES).toString('hex')}`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const socket = new WebSocket(`wss://${HOSTS.web}:${port}/ws`, {
      ca: caPem,
      lookup: toLoopback as never,
    });
    let octets = '';
    const giveUp = () => socket.terminate();
    signal.addEventListener('abort', giveUp);
    socket.on('open', () => socket.send(wanted));
    socket.on('message', (data: Buffer) => {
      octets = data.toString();
      socket.close(1000);
    });
    socket.on('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode!, octets: '', wanted });
      request.destroy();
    });
    socket.on('error', reject);
    socket.on('close', (code) => {
      if (code === 1000 && octets !== '') resolve({ status: 200, octets, wanted });
      else reject(new Error(`closed with ${code}`));
    });
    return promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

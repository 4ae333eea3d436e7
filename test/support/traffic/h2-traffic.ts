import { randomBytes } from 'node:crypto';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { http2To } from '../clients/gateway-clients.ts';
import { type Answer, type Attempt, type Kind, type TrafficTarget, answerTo } from './exchange.ts';
import { HOSTS } from './policy.ts';

const BODY_BYTES = 24 * 1024;
const SIZE = 2;

/** HTTP/2 from end to end, as gRPC uses it: a body up, one down, and trailers that carry the nonce. */
export class Http2Traffic implements Kind {
  readonly name = 'h2';
  readonly pauseMs = 50;
  readonly #target: TrafficTarget;
  #session: ClientHttp2Session | undefined;

  constructor(target: TrafficTarget) {
    this.#target = target;
  }

  async exchange({ nonce, signal }: Attempt): Promise<Answer> {
    const body = randomBytes(BODY_BYTES);
    const session = await this.#open();
    const fields = { ':method': 'POST', ':path': `/${SIZE}`, ':authority': HOSTS.h2, nonce };
    const stream = session.request(fields, { signal });
    const trailers = { nonce: '' };
    stream.on('trailers', (fields) => (trailers.nonce = String(fields['nonce'])));
    stream.end(body);
    const status = await statusOf(stream);
    const octets = await text(stream);
    if (stream.rstCode !== 0) throw new Error(`reset with code ${stream.rstCode}`);
    const wanted = `${answerTo(nonce, SIZE, body)} ${nonce}`;
    return { status, octets: `${octets} ${trailers.nonce}`, wanted };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.destroy();
  }

  async #open(): Promise<ClientHttp2Session> {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = await http2To(this.#target, HOSTS.h2);
    }
    return this.#session;
  }
}

function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  stream.once('response', (fields) => resolve(fields[':status']!));
  stream.on('error', reject);
  stream.once('close', () => reject(new Error('closed without a response')));
  return promise;
}

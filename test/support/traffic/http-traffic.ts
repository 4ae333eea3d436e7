import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { type Answer, type Attempt, type Kind, type TrafficTarget, answerTo } from './exchange.ts';
import { HOSTS } from './policy.ts';

const BODY_BYTES = 24 * 1024;
const BULK_BYTES = 2 * 1024 * 1024;
/** 2.7 MB: more than all windows and buffers on the way. */
const BULK_SIZE = 150;

interface Request {
  readonly path: string;
  readonly body?: Buffer | undefined;
}

/** Requests over HTTP/1.1, one at a time, by a client that keeps its connection. */
abstract class HttpTraffic implements Kind {
  abstract readonly name: string;
  abstract readonly pauseMs: number;
  readonly #target: TrafficTarget;
  readonly #host: string;
  readonly #agent: Agent;

  constructor(target: TrafficTarget, host: string) {
    this.#target = target;
    this.#host = host;
    this.#agent = new Agent({ allowH2: false, connect: { ca: target.caPem, servername: host } });
  }

  abstract exchange(attempt: Attempt): Promise<Answer>;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  protected ask({ nonce, signal }: Attempt, { path, body }: Request) {
    return request(`https://127.0.0.1:${this.#target.port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { host: this.#host, nonce },
      body: body ?? null,
      dispatcher: this.#agent,
      signal,
    });
  }

  protected async whole(attempt: Attempt, size: number, body?: Buffer): Promise<Answer> {
    const response = await this.ask(attempt, { path: `/${size}`, body });
    const wanted = answerTo(attempt.nonce, size, body);
    return { status: response.statusCode, octets: await response.body.text(), wanted };
  }
}

/** Small and larger answers, and uploads. */
export class SmallRequests extends HttpTraffic {
  readonly name: string;
  readonly pauseMs = 10;

  /** `fresh`: the gateway opens a stream for each. */
  constructor(target: TrafficTarget, service: 'web' | 'fresh') {
    super(target, HOSTS[service]);
    this.name = service;
  }

  exchange(attempt: Attempt): Promise<Answer> {
    const { turn } = attempt;
    const body = turn % 3 === 0 ? randomBytes(BODY_BYTES) : undefined;
    return this.whole(attempt, turn % 5, body);
  }
}

/** Some MB up and some down, seldom. */
export class BulkRequests extends HttpTraffic {
  readonly name = 'bulk';
  readonly pauseMs = 1_000;

  constructor(target: TrafficTarget) {
    super(target, HOSTS.web);
  }

  exchange(attempt: Attempt): Promise<Answer> {
    return this.whole(attempt, BULK_SIZE, randomBytes(BULK_BYTES));
  }
}

/** Clients that leave in mid-response, with more on its way than fits into the buffers. */
export class VanishingRequests extends HttpTraffic {
  readonly name = 'vanishing';
  readonly pauseMs = 200;

  constructor(target: TrafficTarget) {
    super(target, HOSTS.fresh);
  }

  async exchange(attempt: Attempt): Promise<Answer> {
    const { nonce } = attempt;
    const { statusCode: status, body } = await this.ask(attempt, { path: `/${BULK_SIZE}` });
    if (status !== 200) return { status, octets: await body.text(), wanted: '' };
    let octets = '';
    for await (const chunk of body) {
      octets += String(chunk);
      // Leaving the loop destroys the response, and undici its connection.
      if (octets.length >= nonce.length) break;
    }
    return { status, octets: octets.slice(0, nonce.length), wanted: nonce };
  }
}

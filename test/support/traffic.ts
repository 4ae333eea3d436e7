import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'undici';

export interface TrafficTarget {
  readonly port: number;
  readonly caPem: string;
  readonly host: string;
}

export interface Outcome {
  /** Undefined: the connection or the response was cut. */
  readonly status: number | undefined;
  readonly startedMs: number;
  readonly tookMs: number;
  readonly detail: string;
}

export interface TrafficCount {
  sent: number;
  answered: number;
  failed: number;
  /** No end within `HANG_MS`. */
  hung: number;
  /** 200 with other octets than asked for. */
  falseSuccesses: number;
  /** The nonce of another request. */
  crossTalk: number;
}

/** Longer than every wait that the policy of the suite allows one request. */
export const HANG_MS = 20_000;
const PAUSE_MS = 10;
const BODY_BYTES = 24 * 1024;

/** Steady mixed traffic: small and larger answers, and uploads; every answer must be the request's own. */
export class Traffic {
  readonly outcomes: Outcome[] = [];
  readonly count: TrafficCount = {
    sent: 0,
    answered: 0,
    failed: 0,
    hung: 0,
    falseSuccesses: 0,
    crossTalk: 0,
  };
  readonly #target: TrafficTarget;
  readonly #agent: Agent;
  readonly #stopping = new AbortController();
  readonly #working: Promise<unknown>;

  constructor(target: TrafficTarget, workers: number) {
    this.#target = target;
    this.#agent = new Agent({
      allowH2: false,
      connect: { ca: target.caPem, servername: target.host },
    });
    this.#working = Promise.all(Array.from({ length: workers }, (_, index) => this.#work(index)));
  }

  /** For long runs: counts stay. */
  forgetOutcomes(): void {
    this.outcomes.length = 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
    await this.#agent.destroy();
  }

  async #work(index: number): Promise<void> {
    for (let turn = index; !this.#stopping.signal.aborted; turn += 1) {
      await this.#one(turn);
      await sleep(PAUSE_MS);
    }
  }

  async #one(turn: number): Promise<void> {
    const startedMs = performance.now();
    const nonce = randomUUID();
    const limit = AbortSignal.timeout(HANG_MS);
    this.count.sent += 1;
    const end = (status: number | undefined, detail = ''): void => {
      const tookMs = performance.now() - startedMs;
      this.outcomes.push({ status, startedMs, tookMs, detail });
      if (status === 200) this.count.answered += 1;
      else this.count.failed += 1;
    };
    try {
      const body = turn % 3 === 0 ? randomBytes(BODY_BYTES) : undefined;
      const response = await request(`https://127.0.0.1:${this.#target.port}/${turn % 5}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { host: this.#target.host, nonce },
        body: body ?? null,
        dispatcher: this.#agent,
        signal: limit,
      });
      const text = await response.body.text();
      if (response.statusCode === 200) this.#check(nonce, text, expected(nonce, turn % 5, body));
      end(response.statusCode, response.statusCode === 200 ? '' : text.slice(0, 200));
    } catch (error) {
      if (limit.aborted) this.count.hung += 1;
      end(undefined, String(error));
    }
  }

  #check(nonce: string, text: string, wanted: string): void {
    if (!text.startsWith(nonce)) this.count.crossTalk += 1;
    if (text !== wanted) this.count.falseSuccesses += 1;
  }
}

/** The application's side: the nonce, a digest of the body, and filling that depends on the path. */
export function answerTraffic(incoming: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const size = Number(incoming.url?.slice(1) ?? 0);
    const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
    response.end(expected(String(incoming.headers['nonce']), size, body));
  });
}

function expected(nonce: string, size: number, body: Buffer | undefined): string {
  const digest = body === undefined ? '-' : createHash('sha256').update(body).digest('hex');
  return `${nonce} ${digest} ${nonce.repeat(size * 500)}`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { TrafficTarget } from '../traffic/exchange.ts';

export interface ClientRequest {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Undefined: cut. */
  readonly status: number | undefined;
  /** Of a refusal. */
  readonly code: string | undefined;
}

/** Between two requests of one client. */
const PAUSE_MS = 2;
const HANG_MS = 15_000;

/** Clients that each send one GET after the other, over a connection of their own. */
export class Clients implements AsyncDisposable {
  readonly requests: ClientRequest[] = [];
  readonly #agents: readonly Agent[];
  readonly #stopping = new AbortController();
  readonly #working: Promise<unknown>;

  constructor({ port, caPem }: TrafficTarget, count: number, host = 'app.example.test') {
    const connect = { ca: caPem, servername: host };
    this.#agents = Array.from({ length: count }, () => new Agent({ allowH2: false, connect }));
    const url = `https://127.0.0.1:${port}/`;
    this.#working = Promise.all(this.#agents.map((agent) => this.#work(url, host, agent)));
  }

  async stop(): Promise<readonly ClientRequest[]> {
    this.#stopping.abort();
    await this.#working;
    await Promise.all(this.#agents.map((agent) => agent.destroy()));
    return this.requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #work(url: string, host: string, dispatcher: Agent): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      const answer = await answerOf(url, host, dispatcher);
      this.requests.push({ startedMs, endedMs: performance.now(), ...answer });
      await sleep(PAUSE_MS);
    }
  }
}

async function answerOf(
  url: string,
  host: string,
  dispatcher: Agent,
): Promise<Pick<ClientRequest, 'status' | 'code'>> {
  try {
    const signal = AbortSignal.timeout(HANG_MS);
    const headers = { host };
    const response = await request(url, { headers, dispatcher, signal });
    const text = await response.body.text();
    const { statusCode: status } = response;
    return { status, code: status === 200 ? undefined : String(JSON.parse(text).code) };
  } catch {
    return { status: undefined, code: undefined };
  }
}

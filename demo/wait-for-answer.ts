import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly ca: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** One sentence once waiting is useless. */
  failure(): string | undefined;
}

/** Two real routers take some seconds to learn each other's addresses. */
const LIMIT_MS = 30_000;
const REQUEST_MS = 3_000;
const BETWEEN_MS = 100;

/** Asks the gateway until the application answers through it; rejects with the last reason. */
export async function waitForAnswer(options: WaitOptions): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask(options);
    if (answer === 'status 200') return;
    options.signal.throwIfAborted();
    const failure = options.failure();
    if (failure !== undefined) throw new Error(failure);
    if (performance.now() > end) {
      throw new Error(`no answer of the application in ${LIMIT_MS / 1000} s; the last: ${answer}`);
    }
    await pause(BETWEEN_MS, undefined, { signal: options.signal });
  }
}

function ask({ host, port, path, ca, token, signal }: WaitOptions): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked = request({
    host: '127.0.0.1',
    servername: host,
    port,
    path,
    ca,
    headers: { host: `${host}:${port}`, authorization: `Bearer ${token}` },
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
  });
  asked.once('response', (response) => {
    response.resume();
    const decision = response.headers['fairlead-decision'];
    resolve(
      `status ${response.statusCode}${decision === undefined ? '' : ` (${String(decision)})`}`,
    );
  });
  asked.once('error', (error) => resolve(error.message));
  asked.end();
  return promise;
}

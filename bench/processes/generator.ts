import { createHistogram } from 'node:perf_hooks';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { answerRequests } from '../answer-requests.ts';
import { LoadConnection } from '../load/load-connection.ts';

export interface LoadTarget {
  readonly port: number;
  readonly caPem: string;
  readonly host: string;
  readonly path: string;
  readonly connections: number;
  /** Of each response body. */
  readonly bodyOctets: number;
}

export interface LoadResult {
  readonly requests: number;
  /** From the first write to the last answer. */
  readonly elapsedMs: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Why requests failed, since the connections were opened; the first ten. */
  readonly failures: readonly string[];
  readonly failureCount: number;
}

/** A request without an answer for so long after the end of a run has failed. */
const LATE_MS = 10_000;
const KEPT_FAILURES = 10;

let connections: LoadConnection[] = [];
let failures: string[] = [];
let failureCount = 0;
let latencies = createHistogram({ figures: 3 });

answerRequests({
  /** TLS with HTTP/1.1, kept alive, all connections before the first request. */
  async open(target: LoadTarget): Promise<void> {
    close();
    failures = [];
    failureCount = 0;
    const sockets = await Promise.all(
      Array.from({ length: target.connections }, () => dial(target)),
    );
    connections = sockets.map((socket) => loadConnection(socket, target));
  },
  async run({ ms }: { readonly ms: number }): Promise<LoadResult> {
    latencies = createHistogram({ figures: 3 });
    const startedAt = performance.now();
    const late = setTimeout(giveUp, ms + LATE_MS);
    await Promise.all(connections.map((connection) => connection.run(startedAt + ms)));
    clearTimeout(late);
    return {
      requests: latencies.count,
      elapsedMs: performance.now() - startedAt,
      p50Micros: latencies.percentile(50),
      p99Micros: latencies.percentile(99),
      failures,
      failureCount,
    };
  },
  close,
});

function close(): void {
  for (const connection of connections) connection.close();
  connections = [];
}

function giveUp(): void {
  for (const connection of connections) connection.giveUp();
}

function loadConnection(socket: TLSSocket, target: LoadTarget): LoadConnection {
  return new LoadConnection({
    socket,
    request: Buffer.from(`GET ${target.path} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`),
    bodyOctets: target.bodyOctets,
    onResponse: (micros) => latencies.record(Math.max(1, Math.round(micros))),
    onFailure: (reason) => {
      failureCount += 1;
      if (failures.length < KEPT_FAILURES) failures.push(reason);
    },
  });
}

function dial({ port, caPem, host }: LoadTarget): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect(
    { host: '127.0.0.1', port, ca: caPem, servername: host, ALPNProtocols: ['http/1.1'] },
    () => resolve(socket),
  );
  socket.setNoDelay(true);
  socket.once('error', reject);
  socket.setTimeout(LATE_MS, () => socket.connecting && socket.destroy(new Error('no connection')));
  return promise;
}

import type { Duplex } from 'node:stream';
import { systemClock } from '../../src/app/system-clock.ts';
import type { RoutingKey } from '../../src/core/ids.ts';
import { Secret } from '../../src/core/secret.ts';
import { connectTcpListener } from '../../src/network/tcp-listener.ts';
import { RouterNetwork } from '../../src/network/router-network.ts';
import type { NetworkPolicy, TlsClientCredentials } from '../../src/policy/snapshot/snapshot.ts';
import { answerRequests, cpuMicros } from '../answer-requests.ts';
import { exchangeOver } from '../load/stream-exchange.ts';
import type { StreamExchange } from '../load/stream-exchange.ts';
import type { RouterPlace } from './router.ts';

/** How a stream is opened: a lane of a standing router connection, or a connection of its own. */
export type StreamKind = 'lane' | 'tcp-listener' | 'plain-listener';

export interface OpenerStart {
  readonly router: RouterPlace;
  readonly routingKey: string;
}

export interface StreamsResult {
  readonly streams: number;
  readonly elapsedMs: number;
  readonly cpuMicros: number;
}

export interface TransferResult {
  readonly elapsedMs: number;
  readonly cpuMicros: number;
}

/** For one small exchange, from opening to closed. */
const STREAM_MS = 10_000;
const CONNECT_MS = 3_000;
const SMALL_OCTETS = 100;

let network: RouterNetwork | undefined;
let place: OpenerStart | undefined;

answerRequests({
  /** Resolves when a router connection is open. */
  async open(start: OpenerStart): Promise<void> {
    place = start;
    network = openNetwork(start.router);
    const { promise, resolve } = Promise.withResolvers<void>();
    network.onChange(() => network!.status().isReady && resolve());
    network.start();
    await promise;
  },
  /** Each stream is for one small request; so many are open at a time. */
  async streams({ kind, ms, atATime }: StreamsQuestion): Promise<StreamsResult> {
    const startedAt = performance.now();
    const cpuAtStart = cpuMicros();
    let streams = 0;
    const openUntilTime = async (): Promise<void> => {
      while (performance.now() - startedAt < ms) {
        await exchange(kind, { bodyOctets: SMALL_OCTETS, limitMs: STREAM_MS });
        streams += 1;
      }
    };
    await Promise.all(Array.from({ length: atATime }, openUntilTime));
    return { streams, ...since(startedAt, cpuAtStart) };
  },
  /** Octets one way over one stream, its opening and end included. */
  async transfer({ kind, direction, octets, limitMs }: TransferQuestion): Promise<TransferResult> {
    const isUpload = direction === 'up';
    const startedAt = performance.now();
    const cpuAtStart = cpuMicros();
    await exchange(kind, {
      bodyOctets: isUpload ? 0 : octets,
      uploadOctets: isUpload ? octets : 0,
      limitMs,
    });
    return since(startedAt, cpuAtStart);
  },
});

export interface StreamsQuestion {
  readonly kind: StreamKind;
  readonly ms: number;
  readonly atATime: number;
}

export interface TransferQuestion {
  readonly kind: StreamKind;
  readonly direction: 'up' | 'down';
  readonly octets: number;
  readonly limitMs: number;
}

function since(startedAt: number, cpuAtStart: number): TransferResult {
  return { elapsedMs: performance.now() - startedAt, cpuMicros: cpuMicros() - cpuAtStart };
}

async function exchange(kind: StreamKind, options: StreamExchange): Promise<void> {
  await exchangeOver(await openStream(kind), options);
}

function openStream(kind: StreamKind): Promise<Duplex> {
  const { router, routingKey } = place!;
  if (kind === 'lane') {
    return network!.connect(routingKey as RoutingKey, { allowHalfOpen: false });
  }
  return connectTcpListener({
    host: '127.0.0.1',
    ...(kind === 'plain-listener'
      ? { port: router.plainTcpPort, tls: undefined }
      : { port: router.tcpPort, tls: credentials(router) }),
    connectMs: CONNECT_MS,
  });
}

function openNetwork(router: RouterPlace): RouterNetwork {
  const policy: NetworkPolicy = {
    links: [{ name: 'bench', host: '127.0.0.1', port: router.amqpPort, tls: credentials(router) }],
    connections: 2,
    creditWaitMs: CONNECT_MS,
    openWaitMs: CONNECT_MS,
    backoff: { minMs: 100, maxMs: 2_000 },
    unackedLimitBytes: 3 * 1024 * 1024,
  };
  return new RouterNetwork({
    policy,
    clock: systemClock,
    random: Math.random,
    log: () => {},
    containerId: `fairlead-bench-${process.pid}`,
    version: 'bench',
  });
}

function credentials({ ca, cert, key }: RouterPlace): TlsClientCredentials {
  return { caPem: ca, certPem: cert, keyPem: new Secret(key), serverName: undefined };
}

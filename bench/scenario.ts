import type { StreamKind } from './processes/opener.ts';

/** How a client's request reaches the backend. */
export type Way = 'straight' | 'plain-listener' | 'tcp-listener' | 'lanes';

export interface RequestScenario {
  readonly kind: 'requests';
  readonly name: string;
  readonly way: Way;
  readonly connections: number;
  readonly bodyOctets: number;
}

/** A new stream for each small request, without a client or HTTP of the gateway. */
export interface StreamScenario {
  readonly kind: 'streams';
  readonly name: string;
  readonly stream: StreamKind;
  /** Open at a time. */
  readonly streams: number;
}

/** Many octets one way over one stream, without a client or HTTP of the gateway. */
export interface TransferScenario {
  readonly kind: 'transfer';
  readonly name: string;
  readonly stream: StreamKind;
  readonly direction: 'up' | 'down';
}

export type Scenario = RequestScenario | StreamScenario | TransferScenario;

const WAYS: readonly Way[] = ['straight', 'plain-listener', 'tcp-listener', 'lanes'];
const STREAMS: readonly StreamKind[] = ['plain-listener', 'tcp-listener', 'lane'];
const COUNTS = [1, 50] as const;
const BODIES = [
  [100, '100B'],
  [65_536, '64KiB'],
] as const;

/** The ways of one load stand side by side, so that a round compares them within seconds. */
export const SCENARIOS: readonly Scenario[] = [
  ...BODIES.flatMap(([octets, size]) => COUNTS.flatMap((count) => requests(octets, size, count))),
  ...COUNTS.flatMap((count) => newStreams(count)),
  ...(['down', 'up'] as const).flatMap((direction) => transfers(direction)),
];

/** Those whose name contains one of the parts; all when there are none. */
export function chosenScenarios(only: readonly string[]): readonly Scenario[] {
  if (only.length === 0) return SCENARIOS;
  return SCENARIOS.filter(({ name }) => only.some((part) => name.includes(part)));
}

function requests(bodyOctets: number, size: string, connections: number): RequestScenario[] {
  return WAYS.map((way) => {
    const name = `${size} ${connections}c ${way}`;
    return { kind: 'requests', name, way, connections, bodyOctets };
  });
}

function newStreams(streams: number): StreamScenario[] {
  return STREAMS.map((stream) => {
    return { kind: 'streams', name: `new-stream ${streams}c ${stream}`, stream, streams };
  });
}

function transfers(direction: 'up' | 'down'): TransferScenario[] {
  return STREAMS.map((stream) => {
    return { kind: 'transfer', name: `transfer ${direction} ${stream}`, stream, direction };
  });
}

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../src/app/system-clock.ts';
import { AddressList, parseAddressBlock } from '../../../src/core/address-list.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { DropReason } from '../../../src/core/drop.ts';
import type {
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
  ResponseSink,
} from '../../../src/core/message.ts';
import type { PassthroughClient, PassthroughHandler } from '../../../src/core/passthrough.ts';
import type { Refusal } from '../../../src/core/refusal.ts';
import { APPLICATION_PROTOCOLS, CIPHER_SUITES } from '../../../src/core/tls-policy.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { ListenerConfig } from '../../../src/listener/context.ts';
import { Listener } from '../../../src/listener/listener.ts';
import type { CertificateSource } from '../../../src/policy/snapshot/snapshot.ts';
import { issue, makeCa, type TestCa } from '../tools/certificates.ts';

/** Waits for nothing longer than this; a test that gets here fails. */
const WAIT_LIMIT_MS = 5_000;

export interface Refused {
  readonly refusal: Refusal;
  readonly attempt: RefusedAttempt;
}

/** Keeps what it was given; answers 200 `ok`, or what the test says. */
export class RecordingHandler implements RequestHandler, PassthroughHandler {
  readonly handled: InboundRequest[] = [];
  readonly passed: PassthroughClient[] = [];
  readonly refusals: Refused[] = [];
  respond: (request: InboundRequest, sink: ResponseSink) => void = respondOk;

  handle(request: InboundRequest, sink: ResponseSink): void {
    this.handled.push(request);
    this.respond(request, sink);
  }

  passThrough(client: PassthroughClient): void {
    this.passed.push(client);
  }

  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void {
    this.refusals.push({ refusal, attempt });
    const body = Buffer.from(refusal.code);
    // `closeConnection` is left out: that a doubtful connection ends must not depend on the handler.
    sink.head(refusal.status, refusal.headers ?? [], { length: body.length });
    sink.data(body);
    sink.end();
  }
}

/** Reads the whole body, then answers with it. */
export function respondEcho(request: InboundRequest, sink: ResponseSink): void {
  const chunks: Uint8Array[] = [];
  request.body.consume({
    data: (chunk) => void chunks.push(chunk),
    end: () => respondWith(sink, Buffer.concat(chunks)),
    fail: (error) => sink.abort(error),
  });
}

export function respondOk(request: InboundRequest, sink: ResponseSink): void {
  request.body.discard();
  respondWith(sink, Buffer.from('ok'));
}

export function respondWith(sink: ResponseSink, body: Uint8Array): void {
  sink.head(200, ['content-type', 'text/plain'], { length: body.length });
  sink.data(body);
  sink.end();
}

export interface Drop {
  readonly reason: DropReason;
  readonly address: string;
}

export interface Listening extends AsyncDisposable {
  readonly listener: Listener;
  readonly handler: RecordingHandler;
  /** In order. */
  readonly drops: readonly Drop[];
  readonly ca: TestCa;
  readonly port: number;
  readonly httpPort: number;
  /** Of a balancer: 127.0.0.1 to 127.0.0.15. */
  readonly plainPort: number;
  readonly config: ListenerConfig;
}

export interface ListeningOptions {
  readonly config?: Partial<ListenerConfig>;
  readonly clock?: Clock;
  /** One certificate per entry; one of `a.example` by default. */
  readonly names?: readonly (readonly string[])[];
}

let sharedCa: Promise<TestCa> | undefined;

/** A listener on free loopback ports, with a certificate for `a.example`, and its recording handler. */
export async function startListening(options: ListeningOptions = {}): Promise<Listening> {
  sharedCa ??= makeCa();
  const ca = await sharedCa;
  const handler = new RecordingHandler();
  const drops: Drop[] = [];
  const names = options.names ?? [['a.example']];
  const certificates = await Promise.all(names.map((list) => certificateFor(ca, list)));
  const config: ListenerConfig = { ...DEFAULT_CONFIG, certificates, ...options.config };
  const loopback = { address: '127.0.0.1', port: 0 };
  const clock = options.clock ?? systemClock;
  const listener = new Listener({
    https: loopback,
    http: loopback,
    plain: loopback,
    config,
    handler,
    passthrough: handler,
    clock,
    onDrop: (reason, address) => void drops.push({ reason, address }),
  });
  const bound = await listener.listen();
  return {
    listener,
    handler,
    drops,
    ca,
    config,
    port: bound.https!.port,
    httpPort: bound.http!.port,
    plainPort: bound.plain!.port,
    async [Symbol.asyncDispose]() {
      listener.stopAccepting();
      listener.destroyAll();
      await within(listener.closed(), 'all connections closed');
    },
  };
}

const DEFAULT_CONFIG: ListenerConfig = {
  certificates: [],
  defaultCertificate: undefined,
  client: {
    handshakeMs: 10_000,
    headersMs: 10_000,
    bodyMinRate: 240,
    bodyTotalMs: undefined,
    writeMs: 60_000,
    idleMs: 75_000,
  },
  limits: {
    connections: 1_000,
    perClientAddress: { connections: 500, rate: undefined, handshakes: undefined },
    headerBytes: 32_768,
    headerCount: 128,
  },
  guardedNames: new Set(['x-user']),
  tls: {
    min: 'TLSv1.2',
    max: 'TLSv1.3',
    ciphers: CIPHER_SUITES,
    groups: undefined,
    alpn: APPLICATION_PROTOCOLS,
  },
  proxyProtocol: undefined,
  plainPeers: new AddressList([parseAddressBlock('127.0.0.0/28')!]),
  trustedProxies: undefined,
  publicPort: undefined,
  isKnownHost: (host) => host === 'a.example',
  isPassthrough: (serverName) => serverName.endsWith('pass.example'),
};

export async function certificateFor(
  ca: TestCa,
  names: readonly string[],
): Promise<CertificateSource> {
  const { certPem, keyPem } = await issue(ca, { names });
  return { certFile: 'test.crt', keyFile: 'test.key', certPem, keyPem: new Secret(keyPem), names };
}

/** Rejects with the sentence when the promise takes too long, so that no test waits for ever. */
export function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), WAIT_LIMIT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Polls a condition that has no event of its own. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + WAIT_LIMIT_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A client that writes what it is told and keeps what it gets, as latin1 text. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  received = '';
  isEnded = false;
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    socket.on('end', () => (this.isEnded = true));
    socket.on('error', () => {});
    socket.on('close', () => (this.isClosed = true));
  }

  static async secure(to: Listening, options: ConnectionOptions = {}): Promise<RawClient> {
    const socket = await within(secureSocket(to, options), 'TLS handshake');
    return new RawClient(socket);
  }

  static plain(port: number): RawClient {
    return new RawClient(connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }));
  }

  write(text: string | Uint8Array): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Waits until what was received matches. */
  async got(pattern: RegExp): Promise<string> {
    await until(
      () => pattern.test(this.received),
      `${pattern} in ${JSON.stringify(this.received)}`,
    );
    return this.received;
  }

  /** Waits until the gateway has ended its half. */
  async ended(): Promise<string> {
    const what = `end after ${JSON.stringify(this.received)}`;
    await until(() => this.isEnded || this.isClosed, what);
    return this.received;
  }

  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Rejects when the handshake fails. */
export function secureSocket(to: Listening, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connectTls({
    port: to.port,
    host: '127.0.0.1',
    ca: to.ca.certPem,
    servername: 'a.example',
    ALPNProtocols: ['http/1.1'],
    ...options,
  });
  socket.once('error', reject);
  socket.once('secureConnect', () => resolve(socket));
  return promise;
}

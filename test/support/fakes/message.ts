import type { GatewayError } from '../../../src/core/errors.ts';
import type { HeaderList } from '../../../src/core/header-list.ts';
import type {
  BodyReceiver,
  BodySource,
  InboundRequest,
  ResponseHeadOptions,
  ResponseSink,
} from '../../../src/core/message.ts';

/** The narrow faces in memory, for tests of the stages between them. */

/** A body that a test pushes by hand. */
export class FakeBody implements BodySource {
  readonly length: number | undefined;
  receiver: BodyReceiver | undefined;
  isPaused = false;
  isDiscarded = false;
  maySilence = false;

  constructor(length: number | undefined = 0) {
    this.length = length;
  }

  consume(receiver: BodyReceiver): void {
    this.receiver = receiver;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  allowSilence(): void {
    this.maySilence = true;
  }

  discard(): void {
    this.isDiscarded = true;
  }
}

/** Keeps what was sent; `isFull` makes `data` answer false. */
export class FakeSink implements ResponseSink {
  status: number | undefined;
  headers: HeaderList = [];
  options: ResponseHeadOptions | undefined;
  body = '';
  isEnded = false;
  abortedWith: GatewayError | undefined;
  isFull = false;
  readonly interim: number[] = [];
  #onDrain = (): void => {};
  #onClose = (_error: GatewayError | undefined): void => {};

  get isHeadSent(): boolean {
    return this.status !== undefined;
  }

  get isClosed(): boolean {
    return this.isEnded || this.abortedWith !== undefined;
  }

  informational(status: number): boolean {
    this.interim.push(status);
    return !this.isFull;
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    this.status = status;
    this.headers = headers;
    this.options = options;
  }

  data(chunk: Uint8Array): boolean {
    this.body += Buffer.from(chunk).toString('latin1');
    return !this.isFull;
  }

  end(): void {
    this.isEnded = true;
    this.#onClose(undefined);
  }

  abort(error: GatewayError): void {
    this.abortedWith = error;
    this.#onClose(error);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#onClose = listener;
  }

  drain(): void {
    this.isFull = false;
    this.#onDrain();
  }
}

export function inboundRequest(overrides: Partial<InboundRequest> = {}): InboundRequest {
  return {
    connection: {
      id: 'c1',
      remoteAddress: '192.0.2.7',
      remotePort: 50_000,
      peerAddress: '192.0.2.7',
      localPort: 8443,
      scheme: 'https',
      tls: {
        serverName: 'app.example.com',
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_128_GCM_SHA256',
        alpn: 'http/1.1',
      },
    },
    clientAddress: overrides.connection?.remoteAddress ?? '192.0.2.7',
    version: '1.1',
    method: 'GET',
    target: '/',
    host: 'app.example.com',
    authority: 'app.example.com',
    headers: ['host', 'app.example.com'],
    body: new FakeBody(),
    receivedAtMs: Date.UTC(2026, 0, 1),
    ...overrides,
  };
}

import type { GatewayError } from '../../../../src/core/errors.ts';
import type { HeaderList } from '../../../../src/core/header-list.ts';
import type { ResponseSink } from '../../../../src/core/message.ts';

/** What can be said of one kind of `ResponseSink`, where kinds differ by their protocol. */
export interface SinkTraits {
  /** The status whose head begins the body under test: 101 for octets of another protocol. */
  readonly status: 200 | 101;
  /** The client can tell a response that was cut from one that ended, also without a length. */
  readonly showsCuts: boolean;
  /** A length that was told is held against the octets that follow. */
  readonly hasLengths: boolean;
  readonly hasTrailers: boolean;
  readonly hasInterim: boolean;
  /** It can answer a HEAD. */
  readonly answersHead: boolean;
}

export interface SinkUnderTest extends AsyncDisposable {
  readonly sink: ResponseSink;
  readonly client: ResponseClient;
  /** Every outcome that the owner of the sink was told, after its close listener. */
  readonly told: readonly (GatewayError | undefined)[];
}

/** The other end, over a real connection. It reads no body before `response`. */
export interface ResponseClient {
  /** What came, once it ended or was cut. Never rejects. */
  response(): Promise<ReceivedResponse>;
  /** The connection is gone without a word. */
  vanish(): void;
}

export interface ReceivedResponse {
  /** Statuses of interim responses. */
  readonly interim: readonly number[];
  /** Undefined: no final head came. */
  readonly status: number | undefined;
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly trailers: HeaderList;
  /** It ended as its framing demands. */
  readonly isWhole: boolean;
}

export interface SinkKind {
  readonly name: string;
  readonly traits: SinkTraits;
  readonly open: (method: 'GET' | 'HEAD') => Promise<SinkUnderTest>;
}

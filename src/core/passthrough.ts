import type { Duplex } from 'node:stream';
import type { ClientConnection } from './message.ts';

/**
 * A client's connection that goes to its application untouched, TLS and all. Here a stream is handed on as
 * it is: there is no message to make of its octets, and a lane is a stream already.
 */
export interface PassthroughClient {
  /** `tls` is undefined: the session is the application's. */
  readonly connection: ClientConnection;
  /** From the ClientHello, lower case; a passthrough route has it. */
  readonly serverName: string;
  /** Wall time when the ClientHello was complete. */
  readonly receivedAtMs: number;
  /** Paused. The octets of the ClientHello come first, as they were sent; each half ends by itself. */
  readonly stream: Duplex;
  /** Ends both halves as TCP ends a failed connection, so that no cut can pass for an end. */
  reset(): void;
}

export interface PassthroughHandler {
  /** The stream is the handler's from here on, its errors too. Must not throw. */
  passThrough(client: PassthroughClient): void;
}

import type { Socket } from 'node:net';
import type { DropReason } from '../../core/drop.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { ClientConnection, RequestHandler } from '../../core/message.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import type { ListenerContext } from '../context.ts';

/** What the connection needs of the exchange it serves. */
export interface ServedExchange {
  readonly isBodyDone: boolean;
  start(): void;
  failBody(error: GatewayError): void;
  sweep(nowMs: number, limits: ClientLimits): void;
}

export interface Http1ExchangeOptions {
  readonly connection: ExchangeConnection;
  readonly context: ListenerContext;
  readonly handler: RequestHandler;
  /** The response is out and the body is read, or the connection is gone. */
  readonly onDone: () => void;
}

/** What an exchange needs of the connection that serves it. */
export interface ExchangeConnection {
  readonly client: ClientConnection;
  readonly socket: Socket;
  /** The response that is about to begin is the last. */
  readonly mustClose: boolean;
  /** Closes it without an answer, and says why. */
  drop(reason: DropReason, detail?: string): void;
}

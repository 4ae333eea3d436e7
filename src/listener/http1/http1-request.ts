import type { IncomingMessage } from 'node:http';
import type {
  BodySource,
  ClientConnection,
  InboundRequest,
  RefusedAttempt,
} from '../../core/message.ts';
import { forwardedClient } from '../../core/forwarded-client.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { ListenerContext } from '../context.ts';
import { connectionAsTold } from '../plain/told-scheme.ts';
import type { FieldBounds } from '../http/field-scan.ts';
import { checkHttp1Head, type CheckedHead } from './http1-head.ts';

/** A head as node's parser gave it, with what the connection knows. */
export interface ReceivedHead {
  readonly message: IncomingMessage;
  readonly client: ClientConnection;
  readonly clientAddress: string;
  readonly receivedAtMs: number;
}

export function receivedHead(
  message: IncomingMessage,
  client: ClientConnection,
  { clock, config }: ListenerContext,
): ReceivedHead {
  const { rawHeaders } = message;
  const clientAddress = forwardedClient(client.remoteAddress, rawHeaders, config.trustedProxies);
  const told = connectionAsTold(client, rawHeaders);
  return { message, client: told, clientAddress, receivedAtMs: clock.now() };
}

export function checkReceived(
  { message, client }: ReceivedHead,
  bounds: FieldBounds,
): CheckedHead | Refusal {
  const head = {
    connection: client,
    version: message.httpVersion,
    method: message.method ?? '',
    target: message.url ?? '',
    headers: message.rawHeaders,
  };
  return checkHttp1Head(head, bounds);
}

export function inboundOf(
  { message, client, clientAddress, receivedAtMs }: ReceivedHead,
  checked: CheckedHead,
  body: BodySource,
): InboundRequest {
  return {
    connection: client,
    clientAddress,
    version: checked.version,
    method: message.method ?? '',
    target: checked.target,
    host: checked.host,
    authority: checked.authority,
    headers: message.rawHeaders,
    body,
    receivedAtMs,
  };
}

export function attemptOf(received: ReceivedHead): RefusedAttempt {
  const { message, client, clientAddress, receivedAtMs } = received;
  return {
    connection: client,
    clientAddress,
    version: message.httpVersion,
    method: message.method,
    target: message.url,
    host: message.headers.host,
    receivedAtMs,
  };
}

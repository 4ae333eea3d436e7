import type { IncomingMessage } from 'node:http';
import type {
  BodySource,
  ClientConnection,
  InboundRequest,
  RefusedAttempt,
} from '../../core/message.ts';
import type { Refusal } from '../../core/refusal.ts';
import { checkHttp1Head, type CheckedHead } from './http1-head.ts';

/** A head as node's parser gave it, with what the connection knows. */
export interface ReceivedHead {
  readonly message: IncomingMessage;
  readonly client: ClientConnection;
  readonly receivedAtMs: number;
}

export function checkReceived(
  { message, client }: ReceivedHead,
  guardedNames: ReadonlySet<string>,
): CheckedHead | Refusal {
  const head = {
    connection: client,
    version: message.httpVersion,
    method: message.method ?? '',
    target: message.url ?? '',
    headers: message.rawHeaders,
  };
  return checkHttp1Head(head, guardedNames);
}

export function inboundOf(
  { message, client, receivedAtMs }: ReceivedHead,
  checked: CheckedHead,
  body: BodySource,
): InboundRequest {
  return {
    connection: client,
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

export function attemptOf({ message, client, receivedAtMs }: ReceivedHead): RefusedAttempt {
  return {
    connection: client,
    version: message.httpVersion,
    method: message.method,
    target: message.url,
    host: message.headers.host,
    receivedAtMs,
  };
}

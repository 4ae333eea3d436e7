import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Http1ExchangeOptions, ServedExchange } from './served-exchange.ts';
import {
  attemptOf,
  checkReceived,
  inboundOf,
  receivedHead,
  type ReceivedHead,
} from './http1-request.ts';
import { UpgradeSink } from './http1-upgrade-sink.ts';
import { clientGone } from '../http/client-gone.ts';
import { UpgradedBody } from './upgraded-body.ts';

/**
 * The requests that node hands over with their socket; every other Upgrade is left unanswered, as RFC
 * 9110 7.8 allows, and not forwarded (E16). An Upgrade with a body is none of these and is refused.
 */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const isPlain = length === undefined && coding === undefined;
  return (
    isPlain &&
    request.method === 'GET' &&
    request.httpVersion === '1.1' &&
    upgrade?.toLowerCase() === 'websocket'
  );
}

/** The last exchange of a connection: an upgrade, and the stream it becomes when the application agrees. */
export class Http1Upgrade implements ServedExchange {
  readonly #received: ReceivedHead;
  readonly #options: Http1ExchangeOptions;
  readonly #sink: UpgradeSink;
  readonly #body: UpgradedBody;
  /** What came with the head. */
  readonly #early: Buffer;

  constructor(message: IncomingMessage, early: Buffer, options: Http1ExchangeOptions) {
    const { connection, context } = options;
    this.#received = receivedHead(message, connection.client, context);
    this.#early = early;
    this.#options = options;
    this.#sink = new UpgradeSink(message, connection.socket, (error) => this.#closed(error));
    this.#body = new UpgradedBody(connection.socket, {
      onOctets: () => this.#abort(tooEarly()),
      onEnd: () => this.#abort(clientGone('the client ended its half before the answer')),
    });
  }

  get isBodyDone(): boolean {
    return true;
  }

  start(): void {
    const { context, handler } = this.#options;
    const checked = checkReceived(this.#received, context.config);
    // RFC 6455 4.1: a client waits for the answer. A client that does not wait may be smuggling.
    const refusal =
      this.#early.length > 0 ? refuse('upgrade_not_allowed', { closeConnection: true }) : undefined;
    this.#body.watch();
    if (isRefusal(checked)) return handler.refused(checked, attemptOf(this.#received), this.#sink);
    if (refusal) return handler.refused(refusal, attemptOf(this.#received), this.#sink);
    const inbound = inboundOf(this.#received, checked, this.#body);
    handler.handle({ ...inbound, upgrade: 'websocket' }, this.#sink);
  }

  failBody(error: GatewayError): void {
    this.#abort(error);
  }

  sweep(): void {
    // Silence is limited by `forward`, and a client that does not read by the connection.
  }

  /** Before the switch only: an answer that is on its way is not cut for it. */
  #abort(error: GatewayError): void {
    if (!this.#sink.isHeadSent) this.#sink.abort(error);
  }

  #closed(error: GatewayError | undefined): void {
    this.#body.fail(error ?? clientGone('the stream is over'));
    this.#options.onDone();
  }
}

function tooEarly(): GatewayError {
  return new GatewayError('client_body_malformed', {
    detail: 'octets came before the answer to the upgrade',
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../../core/errors.ts';
import type { InboundRequest } from '../../core/message.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import { Http1Body } from './http1-body.ts';
import type { Http1ExchangeOptions, ServedExchange } from './served-exchange.ts';
import type { CheckedHead } from './http1-head.ts';
import {
  attemptOf,
  checkReceived,
  inboundOf,
  receivedHead,
  type ReceivedHead,
} from './http1-request.ts';
import { Http1Sink } from './http1-sink.ts';

/** One request and its response: checked, handed to the handler, and seen to its end. */
export class Http1Exchange implements ServedExchange {
  readonly #request: IncomingMessage;
  readonly #options: Http1ExchangeOptions;
  readonly #sink: Http1Sink;
  readonly #received: ReceivedHead;
  #body: Http1Body | undefined;
  #hasRefused = false;
  #drainSinceMs: number | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, options: Http1ExchangeOptions) {
    this.#request = request;
    this.#options = options;
    const { connection, context } = options;
    this.#received = receivedHead(request, connection.client, context);
    this.#sink = new Http1Sink(response, {
      mustClose: () => this.#mustClose(),
      onClosed: (error) => this.#responded(error),
    });
  }

  get isBodyDone(): boolean {
    return this.#request.complete;
  }

  start(): void {
    const { context, handler } = this.#options;
    const checked = checkReceived(this.#received, context.config);
    if (isRefusal(checked)) return this.#refuse(checked);
    handler.handle(this.#inbound(checked), this.#sink);
  }

  failBody(error: GatewayError): void {
    this.#body?.fail(error);
  }

  sweep(nowMs: number, limits: ClientLimits): void {
    this.#body?.sweep(nowMs, limits);
    if (this.#drainSinceMs === undefined) return;
    const isLate = nowMs - this.#drainSinceMs >= limits.headersMs;
    if (isLate || this.#body?.hasOverdrained) this.#options.connection.drop('unread_body');
  }

  #inbound(checked: CheckedHead): InboundRequest {
    const sendContinue = checked.expectsContinue ? () => this.#sink.sendContinue() : () => {};
    const { clock } = this.#options.context;
    const body = new Http1Body(this.#request, { length: checked.length, sendContinue, clock });
    this.#body = body;
    return inboundOf(this.#received, checked, body);
  }

  #refuse(refusal: Refusal): void {
    this.#hasRefused = true;
    this.#options.handler.refused(refusal, attemptOf(this.#received), this.#sink);
  }

  #mustClose(): boolean {
    if (this.#hasRefused || this.#options.connection.mustClose) return true;
    return this.#body?.isCostlyToDrain ?? false;
  }

  #responded(error: GatewayError | undefined): void {
    if (error) {
      this.#body?.fail(error);
      return this.#options.onDone();
    }
    if (this.isBodyDone) return this.#options.onDone();
    this.#drainRest();
  }

  /** E11: the next request may only be read when this body is. */
  #drainRest(): void {
    this.#drainSinceMs = this.#options.context.clock.monotonicMs();
    this.#request.once('end', () => this.#options.onDone());
    if (this.#body && !this.#body.drain()) this.#options.connection.socket.destroySoon();
  }
}

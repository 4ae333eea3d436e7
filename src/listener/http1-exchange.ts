import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../core/errors.ts';
import type { InboundRequest, RefusedAttempt, RequestHandler } from '../core/message.ts';
import { isRefusal, type Refusal } from '../core/refusal.ts';
import type { ClientLimits } from '../policy/snapshot.ts';
import type { ListenerContext } from './context.ts';
import { Http1Body } from './http1-body.ts';
import type { Http1Connection } from './http1-connection.ts';
import { checkHttp1Head, type CheckedHead } from './http1-head.ts';
import { Http1Sink } from './http1-sink.ts';

export interface Http1ExchangeOptions {
  readonly connection: Http1Connection;
  readonly context: ListenerContext;
  readonly handler: RequestHandler;
  /** The response is out and the body is read, or the connection is gone. */
  readonly onDone: () => void;
}

/** One request and its response: checked, handed to the handler, and seen to its end. */
export class Http1Exchange {
  readonly #request: IncomingMessage;
  readonly #options: Http1ExchangeOptions;
  readonly #sink: Http1Sink;
  readonly #receivedAtMs: number;
  #body: Http1Body | undefined;
  #hasRefused = false;
  #drainSinceMs: number | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, options: Http1ExchangeOptions) {
    this.#request = request;
    this.#options = options;
    this.#receivedAtMs = options.context.clock.now();
    this.#sink = new Http1Sink(response, {
      mustClose: () => this.#mustClose(),
      onClosed: (error) => this.#responded(error),
    });
  }

  get isBodyDone(): boolean {
    return this.#request.complete;
  }

  start(): void {
    const { connection, context, handler } = this.#options;
    const checked = checkHttp1Head(
      {
        connection: connection.client,
        version: this.#request.httpVersion,
        method: this.#request.method ?? '',
        target: this.#request.url ?? '',
        headers: this.#request.rawHeaders,
      },
      context.config.guardedNames,
    );
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
    if (isLate || this.#body?.hasOverdrained) this.#options.connection.destroy();
  }

  #inbound(checked: CheckedHead): InboundRequest {
    const request = this.#request;
    const sendContinue = checked.expectsContinue ? () => this.#sink.sendContinue() : () => {};
    const body = new Http1Body(request, checked.length, sendContinue);
    this.#body = body;
    return {
      connection: this.#options.connection.client,
      version: checked.version,
      method: request.method ?? '',
      target: checked.target,
      host: checked.host,
      authority: checked.authority,
      headers: request.rawHeaders,
      body,
      receivedAtMs: this.#receivedAtMs,
    };
  }

  #refuse(refusal: Refusal): void {
    this.#hasRefused = true;
    const request = this.#request;
    const attempt: RefusedAttempt = {
      connection: this.#options.connection.client,
      version: request.httpVersion,
      method: request.method,
      target: request.url,
      host: request.headers.host,
      receivedAtMs: this.#receivedAtMs,
    };
    this.#options.handler.refused(refusal, attempt, this.#sink);
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

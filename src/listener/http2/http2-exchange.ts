import type { ServerHttp2Stream } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { forwardedClient } from '../../core/forwarded-client.ts';
import { firstField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type {
  ClientConnection,
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
} from '../../core/message.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import type { ListenerContext } from '../context.ts';
import { connectionAsTold } from '../plain/told-scheme.ts';
import { Http2Body } from './http2-body.ts';
import { checkHttp2Head, type CheckedSection } from './http2-head.ts';
import { Http2Sink } from './http2-sink.ts';
import { WriteStall } from '../http/pace.ts';

export interface Http2ExchangeOptions {
  readonly connection: ClientConnection;
  readonly context: ListenerContext;
  readonly handler: RequestHandler;
}

/** One stream: checked, handed to the handler, and seen to its end. */
export class Http2Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #fields: HeaderList;
  readonly #options: Http2ExchangeOptions;
  readonly #connection: ClientConnection;
  readonly #sink: Http2Sink;
  readonly #receivedAtMs: number;
  readonly #clientAddress: string;
  readonly #writes = new WriteStall();
  #body: Http2Body | undefined;

  constructor(stream: ServerHttp2Stream, fields: HeaderList, options: Http2ExchangeOptions) {
    this.#stream = stream;
    this.#fields = fields;
    this.#options = options;
    this.#connection = connectionAsTold(options.connection, fields);
    this.#receivedAtMs = options.context.clock.now();
    const { remoteAddress } = options.connection;
    const { trustedProxies } = options.context.config;
    this.#clientAddress = forwardedClient(remoteAddress, fields, trustedProxies);
    this.#sink = new Http2Sink(stream, (error) => {
      if (error) this.#body?.fail(error);
    });
  }

  get isAborted(): boolean {
    return this.#sink.isAborted;
  }

  start(isEndOfStream: boolean): void {
    const { context, handler } = this.#options;
    const checked = checkHttp2Head(
      {
        connection: this.#connection,
        fields: this.#fields,
        isEndOfStream,
        maxBytes: context.config.limits.headerBytes,
      },
      context.config,
    );
    if (isRefusal(checked)) return this.#refuse(checked);
    handler.handle(this.#inbound(checked), this.#sink);
  }

  sweep(nowMs: number, limits: ClientLimits): void {
    this.#body?.sweep(nowMs, limits);
    if (this.#sink.isAborted) return;
    this.#sink.sweep();
    const { waiting, sent } = this.#sink.progress;
    if (!this.#writes.isStalled(nowMs, waiting, sent, limits.writeMs)) return;
    this.#options.context.onDrop('write_timeout', this.#options.connection.remoteAddress);
    this.#sink.abort(new GatewayError('client_gone', { detail: 'the client reads no response' }));
  }

  #inbound(checked: CheckedSection): InboundRequest {
    const { length, expectsContinue, ...named } = checked;
    const sendContinue = expectsContinue ? () => this.#sink.sendContinue() : () => {};
    const { clock } = this.#options.context;
    this.#body = new Http2Body(this.#stream, { length, sendContinue, clock });
    return {
      ...named,
      connection: this.#connection,
      clientAddress: this.#clientAddress,
      version: '2',
      body: this.#body,
      receivedAtMs: this.#receivedAtMs,
    };
  }

  #refuse(refusal: Refusal): void {
    const attempt: RefusedAttempt = {
      connection: this.#connection,
      clientAddress: this.#clientAddress,
      version: '2',
      method: this.#pseudo(':method'),
      target: this.#pseudo(':path'),
      host: this.#pseudo(':authority'),
      receivedAtMs: this.#receivedAtMs,
    };
    this.#options.handler.refused(refusal, attempt, this.#sink);
  }

  #pseudo(name: string): string | undefined {
    return firstField(this.#fields, name);
  }
}

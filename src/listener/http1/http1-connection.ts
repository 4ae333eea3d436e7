import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DropReason } from '../../core/drop.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ClientConnection, RefusedAttempt, RequestHandler } from '../../core/message.ts';
import { refuse, type Refusal } from '../../core/refusal.ts';
import type { ListenerContext, ProtocolOptions, ServedConnection } from '../context.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { Http1Upgrade } from './http1-upgrade.ts';
import { Linger } from './linger.ts';
import { WriteStall } from '../http/pace.ts';
import { isEndOfInput, isLateHead, parserRefusal } from './parser-refusal.ts';
import { RawSink } from './raw-sink.ts';
import type {
  ExchangeConnection,
  Http1ExchangeOptions,
  ServedExchange,
} from './served-exchange.ts';
import type { Swept } from '../sweep.ts';

/** requests read ahead of the one that is answered. Beyond, the connection ends after the last. */
const MAX_READ_AHEAD = 16;

/** Something to answer in its turn. */
interface Turn {
  start(): void;
}

/**
 * One HTTP/1 connection: one exchange at a time, in the order received, refusals in their turn too.
 * Idle means between exchanges; the head of the next is timed from its first octet.
 */
export class Http1Connection implements ServedConnection, ExchangeConnection, Swept {
  readonly client: ClientConnection;
  readonly socket: Socket;
  readonly #context: ListenerContext;
  readonly #handler: RequestHandler;
  readonly #linger: Linger;
  readonly #writes = new WriteStall();
  readonly #waiting: Turn[] = [];
  #current: ServedExchange | undefined;
  /** A refusal that ends the connection is queued or being answered: nothing after it is read. */
  #isDoomed = false;
  #isRefusing = false;
  #idleSinceMs: number;
  #idleBytesRead: number;
  #headSinceMs: number | undefined;
  /** The head of the next request has begun, behind the one that is served. */
  #hasHalfHead = false;

  constructor(socket: Socket, client: ClientConnection, options: ProtocolOptions) {
    this.socket = socket;
    this.client = client;
    this.#context = options.context;
    this.#handler = options.handler;
    this.#linger = new Linger(socket);
    this.#idleSinceMs = this.#context.clock.monotonicMs();
    // Octets that were read and put back begin the first request.
    this.#idleBytesRead = socket.bytesRead - socket.readableLength;
    const entry = this.#context.sweeper.add(this);
    // Node ends a connection with this after the last response; a client that still sends would then
    // lose the response to a reset (RFC 9112 9.6), so unread octets are waited out for a moment.
    socket.destroySoon = () => this.#closeSoon();
    socket.once('close', () => entry.remove());
  }

  /** The response that is about to begin is the last: what was read before a fault is still answered. */
  get mustClose(): boolean {
    return this.#context.isClosing || (this.#isDoomed && this.#waiting.length === 0);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isDoomed) return;
    this.#hasHalfHead = false;
    if (this.#waiting.length >= MAX_READ_AHEAD) {
      this.#isDoomed = true;
      return this.#tellDrop('pipelined_too_far');
    }
    this.#enqueue({
      start: () => this.#serve((options) => new Http1Exchange(request, response, options)),
    });
  }

  /** Node has let go of the socket: this exchange is the connection's last. */
  takeUpgrade(request: IncomingMessage, early: Buffer): void {
    if (this.#isDoomed) return;
    this.#isDoomed = true;
    this.#enqueue({
      start: () => this.#serve((options) => new Http1Upgrade(request, early, options)),
    });
  }

  /** CONNECT: node has let go of the socket, the rest is ours. */
  refuseTunnel(request: IncomingMessage): void {
    if (this.#isDoomed) return;
    const refusal = refuse('method_not_allowed', { closeConnection: true });
    this.#refuse(refusal, this.#attempt(request.method, request.url, request.httpVersion));
  }

  /** Node's parser gave up: on the body of the current request, or on what would have been the next. */
  malformed(error: unknown): void {
    if (this.#isDoomed) return;
    if (isLateHead(error)) return this.#headIsLate();
    const refusal = parserRefusal(error);
    const isCut = isEndOfInput(error) && this.#current !== undefined;
    if (isCut) return this.destroy();
    if (refusal === undefined) return this.#failed(error as NodeJS.ErrnoException);
    if (this.#current && !this.#current.isBodyDone) {
      this.#isDoomed = true;
      const detail = refusal.reason?.detail ?? 'broken framing';
      return this.#current.failBody(new GatewayError('client_body_malformed', { detail }));
    }
    this.#refuse(refusal, this.#attempt());
  }

  startClosing(): void {
    if (!this.#current && this.#waiting.length === 0 && !this.#isRefusing) this.#closeSoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Closes it without an answer, and says why. */
  drop(reason: DropReason, detail?: string): void {
    this.#tellDrop(reason, detail);
    this.destroy();
  }

  sweep(nowMs: number): void {
    // Its close comes in a later turn.
    if (this.socket.destroyed) return;
    const { client } = this.#context.config;
    if (this.#linger.isExpired(nowMs)) return this.destroy();
    const waiting = this.socket.writableLength;
    const sent = this.socket.bytesWritten - waiting;
    if (this.#writes.isStalled(nowMs, waiting, sent, client.writeMs)) {
      return this.drop('write_timeout');
    }
    if (this.#current) return this.#current.sweep(nowMs, client);
    if (!this.#isRefusing && !this.#linger.isActive) this.#sweepIdle(nowMs);
  }

  #sweepIdle(nowMs: number): void {
    const { client } = this.#context.config;
    if (this.#headSinceMs === undefined && this.socket.bytesRead === this.#idleBytesRead) {
      if (nowMs - this.#idleSinceMs >= client.idleMs) this.#closeSoon();
      return;
    }
    this.#headSinceMs ??= nowMs;
    if (nowMs - this.#headSinceMs < client.headersMs) return;
    this.#refuseLate();
  }

  /** Behind a request that is served we do not read, so the rest of the head gets its time afterwards. */
  #headIsLate(): void {
    if (this.#current || this.#waiting.length > 0) this.#hasHalfHead = true;
    else this.#refuseLate();
  }

  #refuseLate(): void {
    this.#refuse(refuse('request_timeout', { closeConnection: true }), this.#attempt());
  }

  #enqueue(turn: Turn): void {
    if (!this.#current && !this.#isRefusing) return turn.start();
    this.#waiting.push(turn);
    // Reading goes on only while nobody waits: so a client that is gone is noticed in the common case.
    this.socket.pause();
  }

  #refuse(refusal: Refusal, attempt: RefusedAttempt): void {
    this.#isDoomed = true;
    this.#enqueue({ start: () => this.#answerRaw(refusal, attempt) });
  }

  #answerRaw(refusal: Refusal, attempt: RefusedAttempt): void {
    this.#isRefusing = true;
    const sink = new RawSink(this.socket, () => this.#closeSoon());
    this.#handler.refused(refusal, attempt, sink);
  }

  #serve(create: (options: Http1ExchangeOptions) => ServedExchange): void {
    this.#headSinceMs = undefined;
    this.#current = create({
      connection: this,
      context: this.#context,
      handler: this.#handler,
      onDone: () => this.#next(),
    });
    this.#current.start();
  }

  #next(): void {
    this.#current = undefined;
    this.#idleSinceMs = this.#context.clock.monotonicMs();
    this.#idleBytesRead = this.socket.bytesRead;
    this.#headSinceMs = this.#hasHalfHead ? this.#idleSinceMs : undefined;
    if (this.socket.destroyed || this.#linger.isActive) return;
    const turn = this.#waiting.shift();
    if (this.#waiting.length === 0) this.socket.resume();
    if (turn) return turn.start();
    if (this.#context.isClosing || this.#isDoomed) this.#closeSoon();
  }

  /** The socket failed: by TLS, which is ours to tell, or because the client is gone. */
  #failed({ code, message }: NodeJS.ErrnoException): void {
    const isTls = code?.startsWith('ERR_SSL') === true || code === 'EPROTO';
    if (isTls) this.drop('broken_tls', message);
    else this.destroy();
  }

  #tellDrop(reason: DropReason, detail?: string): void {
    this.#context.onDrop(reason, this.client.remoteAddress, detail);
  }

  #closeSoon(): void {
    const hasUnread = this.#isDoomed || (this.#current !== undefined && !this.#current.isBodyDone);
    this.#linger.close(hasUnread, this.#context.clock.monotonicMs());
  }

  #attempt(method?: string, target?: string, version?: string): RefusedAttempt {
    const receivedAtMs = this.#context.clock.now();
    const clientAddress = this.client.remoteAddress;
    const named = { version, method, target, host: undefined };
    return { connection: this.client, clientAddress, ...named, receivedAtMs };
  }
}

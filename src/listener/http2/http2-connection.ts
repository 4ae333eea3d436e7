import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { Socket } from 'node:net';
import { DEADLINES } from '../../core/deadlines.ts';
import type { DropReason } from '../../core/drop.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ClientConnection, RequestHandler } from '../../core/message.ts';
import { Roster } from '../../core/roster.ts';
import type { ListenerContext, ProtocolOptions, ServedConnection } from '../context.ts';
import { HeadWatch } from './head-watch.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { ResetBudget } from './reset-budget.ts';
import type { Swept } from '../sweep.ts';

/** F11. */
const MAX_STREAMS = 100;
/** F14: the first GOAWAY names no last stream, so streams under way to us are still taken. */
const ANY_STREAM = 2 ** 31 - 1;

/**
 * What node takes of a head before it resets the stream without a word of ours: above our own limits, so
 * that whoever passes those gets 431 and a record. The pairs are cookies and the octets they cost:
 * the size counts 32 octets for each field (RFC 9113 6.5.2), our limit those that were sent.
 */
const MAX_PAIRS = 2_048;
const HEAD_ROOM = 2;

/** Above what a service's `responseHead` lets pass, as nghttp2 counts it: 12 octets more for each field. */
const MAX_RESPONSE_HEAD_BYTES = 1024 * 1024;

/** Floods within one connection; beyond each of these node or nghttp2 ends it. */
function sessionOptions(headerBytes: number): ServerOptions & ResetRate {
  return {
    maxHeaderListPairs: MAX_PAIRS,
    maxSendHeaderBlockLength: MAX_RESPONSE_HEAD_BYTES,
    maxOutstandingPings: 10,
    maxSettings: 32,
    maxSessionMemory: 4,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    streamResetBurst: 200,
    streamResetRate: 20,
    // What the application said twice is passed on twice, as over HTTP/1.1; node would throw (RFC 9110 5.3).
    strictSingleValueFields: false,
    // F15: extended CONNECT (RFC 8441) is enabled here, and `http2-head` takes WebSocket alone.
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      maxHeaderListSize: headerBytes * HEAD_ROOM,
      enableConnectProtocol: true,
    },
  };
}

/** Options node documents and its types leave out. */
interface ResetRate {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
}

/** One HTTP/2 connection and its streams. */
export class Http2Connection implements ServedConnection, Swept {
  readonly #socket: Socket;
  readonly #client: ClientConnection;
  readonly #context: ListenerContext;
  readonly #handler: RequestHandler;
  readonly #session: ServerHttp2Session;
  readonly #exchanges = new Roster<Http2Exchange>();
  readonly #resets: ResetBudget;
  readonly #heads: HeadWatch;
  #idleSinceMs: number;
  #isLeaving = false;
  /** We have ended it with an error, and told why. */
  #isOurEnd = false;
  #closeBySweep: number | undefined;

  constructor(socket: Socket, client: ClientConnection, options: ProtocolOptions) {
    this.#socket = socket;
    this.#client = client;
    this.#context = options.context;
    this.#handler = options.handler;
    const nowMs = this.#context.clock.monotonicMs();
    this.#idleSinceMs = nowMs;
    this.#resets = new ResetBudget(nowMs);
    const { headerBytes } = this.#context.config.limits;
    // A peer that ends its half of the connection is gone: HTTP/2 has no half-closed connections.
    socket.allowHalfOpen = false;
    this.#session = performServerHandshake(socket, sessionOptions(headerBytes));
    this.#heads = new HeadWatch(this.#session, socket, {
      nowMs,
      events: { onHeadsRefused: () => this.#tellDrop('head_refused') },
    });
    this.#listen();
  }

  startClosing(): void {
    if (this.#isLeaving || this.#session.destroyed) return;
    this.#isLeaving = true;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM);
    // A ping's answer proves that the peer has read the first GOAWAY; a sweep stands in for a lost one.
    const isSent = this.#session.ping(() => this.#closeGracefully());
    if (!isSent) this.#closeGracefully();
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  sweep(nowMs: number): void {
    const { client } = this.#context.config;
    for (const exchange of this.#exchanges.items()) exchange.sweep(nowMs, client);
    if (this.#closeBySweep !== undefined && nowMs >= this.#closeBySweep) return this.destroy();
    if (this.#isOurEnd) return;
    const missing = this.#heads.sweep(nowMs, client.headersMs, this.#exchanges.size === 0);
    if (missing !== undefined) return this.#missed(missing);
    if (this.#isLeaving) this.#closeGracefully();
    if (this.#exchanges.size > 0 || this.#closeBySweep !== undefined) return;
    if (nowMs - this.#idleSinceMs < client.idleMs) return;
    this.#closeBySweep = nowMs + DEADLINES.clientLeaveMs;
    this.#closeGracefully();
  }

  #listen(): void {
    const entry = this.#context.sweeper.add(this);
    this.#session.on('error', (error) => this.#failed(error));
    this.#session.on('frameError', () => {});
    this.#session.on('stream', (stream, _fields, flags, raw: unknown) =>
      this.#take(stream, flags, raw as HeaderList),
    );
    this.#session.on('close', () => this.#socket.destroy());
    this.#socket.once('close', () => entry.remove());
  }

  #take(stream: ServerHttp2Stream, flags: number, fields: HeaderList): void {
    this.#heads.note(stream.id);
    // whatever happens to the stream is told by its close.
    stream.on('error', ignore);
    const exchange = new Http2Exchange(stream, fields, {
      connection: this.#client,
      context: this.#context,
      handler: this.#handler,
    });
    const entry = this.#exchanges.add(exchange);
    stream.once('close', () => {
      entry.remove();
      this.#released(exchange, stream);
      setImmediate(letGo, stream);
    });
    if (stream.destroyed || stream.closed) return;
    exchange.start((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
  }

  #released(exchange: Http2Exchange, stream: ServerHttp2Stream): void {
    const nowMs = this.#context.clock.monotonicMs();
    this.#idleSinceMs = nowMs;
    if (this.#exchanges.size === 0) this.#heads.noteIdle();
    const isReset = stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR;
    if (!isReset || exchange.isAborted || this.#session.destroyed) return;
    if (this.#resets.spend(nowMs)) return;
    this.#tellDrop('reset_budget');
    this.#end('the reset budget of the connection is spent');
  }

  #missed(what: 'settings' | 'head'): void {
    this.#tellDrop(what === 'settings' ? 'settings_timeout' : 'head_timeout');
    this.#end(`the client has not sent its ${what} in time`);
  }

  #end(why: string): void {
    this.#isOurEnd = true;
    // Node takes the code only together with an error.
    this.#session.destroy(new Error(why), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Node and nghttp2 have sent GOAWAY with their code where one is due. */
  #failed(error: NodeJS.ErrnoException): void {
    const reason = this.#isOurEnd ? undefined : dropReason(error);
    if (reason !== undefined) this.#tellDrop(reason, error.message);
    this.destroy();
  }

  #tellDrop(reason: DropReason, detail?: string): void {
    this.#context.onDrop(reason, this.#client.remoteAddress, detail);
  }

  /** The second GOAWAY names the last stream; those open are finished (F14). */
  #closeGracefully(): void {
    if (!this.#session.destroyed && !this.#session.closed) this.#session.close();
  }
}

function ignore(): void {}

/** NGHTTP2_ERR_FLOODED: queues that grow because the peer does not read, or too many SETTINGS or PINGs. */
const FLOODED = -904;
const FLOOD_CODES: ReadonlySet<unknown> = new Set([
  'ERR_HTTP2_TOO_MANY_INVALID_FRAMES',
  'ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS',
]);

/** What broke the connection by the client's doing; undefined where the client is gone, or told us an error. */
function dropReason({ code, errno }: NodeJS.ErrnoException): DropReason | undefined {
  if (FLOOD_CODES.has(code) || errno === FLOODED) return 'flood';
  if (code === 'ERR_HTTP2_ERROR') return 'protocol_error';
  return code?.startsWith('ERR_SSL') === true ? 'broken_tls' : undefined;
}

/**
 * Node keeps the streams of a connection in a Map, so closed ones may last until the next full collection
 * (docs/decisions/0006-rosters.md): what hangs on their listeners, an exchange and its buffers, need not.
 */
function letGo(stream: ServerHttp2Stream): void {
  stream.removeAllListeners();
  stream.on('error', ignore);
}

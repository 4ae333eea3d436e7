import { isGrpc } from '../core/grpc.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { InboundRequest } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import { FrameBoundary } from './frame-boundary.ts';
import { GRPC_FRAMING } from './grpc-framing.ts';
import { grpcStatusOf } from './grpc-refusal.ts';
import { closeFrame, WEBSOCKET_FRAMING } from './websocket-framing.ts';

/** The last of a stream that the gateway ends before its time. */
export interface Farewell {
  readonly data?: Uint8Array;
  readonly trailers?: HeaderList;
}

/** RFC 6455 7.4.1: the server goes away. */
const GOING_AWAY = 1001;
/** RFC 6455 7.4.1: the policy of the endpoint does not allow the connection. */
const POLICY_VIOLATION = 1008;

/** A stream whose protocol has words for its end, followed so that they are said between two messages. */
export class FollowedStream {
  readonly #boundary: FrameBoundary;
  readonly #words: (why: Refusal) => Farewell;

  private constructor(boundary: FrameBoundary, words: (why: Refusal) => Farewell) {
    this.#boundary = boundary;
    this.#words = words;
  }

  /** A WebSocket, or gRPC over HTTP/2; undefined for what can only be cut, as an event stream. */
  static of(
    { upgrade, version }: Pick<InboundRequest, 'upgrade' | 'version'>,
    status: number,
    headers: HeaderList,
  ): FollowedStream | undefined {
    if (upgrade === 'websocket' && status === 101) {
      return new FollowedStream(new FrameBoundary(WEBSOCKET_FRAMING), webSocketWords);
    }
    const hasTrailers = version === '2' && isGrpc(headers);
    return hasTrailers ? new FollowedStream(new FrameBoundary(GRPC_FRAMING), grpcWords) : undefined;
  }

  /** Octets of the stream, in order. */
  take(chunk: Uint8Array): void {
    this.#boundary.take(chunk);
  }

  /** Undefined in mid-message, where every word would be taken for a part of it. */
  farewell(why: Refusal): Farewell | undefined {
    return this.#boundary.isAtBoundary ? this.#words(why) : undefined;
  }
}

function webSocketWords({ code, sentence }: Refusal): Farewell {
  return { data: closeFrame(code === 'draining' ? GOING_AWAY : POLICY_VIOLATION, sentence) };
}

function grpcWords({ status, sentence }: Refusal): Farewell {
  return { trailers: ['grpc-status', grpcStatusOf(status), 'grpc-message', sentence] };
}

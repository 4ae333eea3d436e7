import type { LaneLinks } from './lane-links.ts';
import type { RequestStream } from './request-stream.ts';
import type { ResponseStream } from './response-stream.ts';

/** What is on the wire of one stream. */
export interface StreamOnWire {
  readonly links: LaneLinks;
  readonly request: RequestStream;
  readonly response: ResponseStream;
}

/**
 * Ends a stream on the wire: what is not over is aborted, and its session ended with it. Returns the links
 * when both halves had come to their end, so that they can carry another stream (router-stream-protocol.md 9).
 */
export function endOnWire({ links, request, response }: StreamOnWire): LaneLinks | undefined {
  const isOver = request.isAccepted && response.isAccepted && !links.session.isEnded;
  request.abort();
  response.abort();
  if (isOver) links.release();
  else links.session.end();
  return isOver ? links : undefined;
}

/** Gets the links of a stream when they can carry another one; without them they are ended. */
export type StreamEnded = (links: LaneLinks | undefined) => void;

/** Ends a stream on the wire, and gives back what it shares with others. */
export function finishOnWire(stream: StreamOnWire, ended: StreamEnded): void {
  const links = endOnWire(stream);
  stream.request.release();
  ended(links);
}

/** Why a stream that nobody uses any more stays on the wire (router-stream-protocol.md 8 and 11). */
export type HoldReason =
  /** A consumer gave its opening back: the router turns to another consumer while it is unsettled. */
  | 'came-back'
  /** Its opening was not answered: the link that carries it between the routers may stand still. */
  | 'unanswered'
  /** Its application does not read: an abort would stand before the next stream on that link. */
  | 'unread';

/**
 * Why a stream stays on the wire; undefined: it is ended there. By what was said on the wire: a user may well
 * destroy a stream, with an error, that is over.
 */
export function holdReason(
  { links, request }: StreamOnWire,
  opening: { readonly hasComeBack: boolean; readonly isLate: boolean },
  wasOpen: boolean,
): HoldReason | undefined {
  if (opening.hasComeBack) return 'came-back';
  if (links.session.isEnded || request.outcome !== undefined) return undefined;
  if (wasOpen) return request.isUnread ? 'unread' : undefined;
  return opening.isLate ? 'unanswered' : undefined;
}

import { isGrpc } from '../core/grpc.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { ResponseSink } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Farewell } from './followed-stream.ts';
import { grpcRefusalFields } from './grpc-refusal.ts';
import { refusalResponse, type RefusalContext } from './refusal-response.ts';

/** A response of ours, whole. */
export interface OwnResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** Empty when `bodyless`; `length` is then what a GET would have got. */
  readonly body: Uint8Array;
  readonly length?: number;
  readonly bodyless?: boolean;
  readonly closeConnection?: boolean;
}

/** The door through which every whole response of ours goes out. */
export function sendOwnResponse(sink: ResponseSink, response: OwnResponse): void {
  const { status, headers, body, bodyless = false, closeConnection = false } = response;
  sink.head(status, headers, {
    length: response.length ?? body.byteLength,
    bodyless,
    closeConnection,
  });
  if (body.byteLength > 0) sink.data(body);
  sink.end();
}

/** The last words of a stream that is ended before its time. */
export function sendFarewell(sink: ResponseSink, { data, trailers }: Farewell): void {
  if (data !== undefined) sink.data(data);
  sink.end(trailers);
}

/** A refusal as its client reads it: a gRPC client in one head, every other by status and body. */
export function sendRefusal(sink: ResponseSink, refusal: Refusal, context: RefusalContext): void {
  const response = refusalResponse(refusal, context);
  if (!isGrpc(context.requestHeaders)) return sendOwnResponse(sink, response);
  const fields = grpcRefusalFields(response, refusal.sentence);
  sink.head(200, fields, { length: undefined, isWhole: true });
  sink.end();
}

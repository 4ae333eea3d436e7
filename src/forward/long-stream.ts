import { isGrpc } from '../core/grpc.ts';
import { firstField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';

/**
 * A response whose silence is no fault: an upgraded stream, server-sent events, gRPC. Its idle limit is
 * `services.X.timeout.stream`.
 */
export function isLongStream(status: number, headers: HeaderList): boolean {
  if (status === 101 || isGrpc(headers)) return true;
  const type = firstField(headers, 'content-type')?.toLowerCase() ?? '';
  return type.startsWith('text/event-stream');
}

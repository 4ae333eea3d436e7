import { firstField } from './header-list.ts';
import type { HeaderList } from './header-list.ts';

/** True for a message of gRPC over HTTP/2: `application/grpc`, `application/grpc+proto` … */
export function isGrpc(headers: HeaderList): boolean {
  const type = firstField(headers, 'content-type')?.toLowerCase() ?? '';
  return /^application\/grpc($|[+; ])/.test(type);
}

import { withoutField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';

/**
 * gRPC's codes for our statuses, as its HTTP mapping has them (gRPC over HTTP/2, http-grpc-status-mapping)
 * and other gateways send them. What is not here is 2, UNKNOWN.
 */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  408: 4,
  413: 8,
  429: 14,
  499: 1,
  500: 13,
  502: 14,
  503: 14,
  504: 14,
};

/** The head of a refusal as a gRPC client reads it: status 200, and everything in one field section. */
export function grpcRefusalFields(
  response: { readonly status: number; readonly headers: HeaderList },
  sentence: string,
): HeaderList {
  return [
    ...withoutField(response.headers, 'content-type'),
    'content-type',
    'application/grpc',
    'grpc-status',
    grpcStatusOf(response.status),
    'grpc-message',
    sentence,
  ];
}

/** `grpc-status` for a status of HTTP. */
export function grpcStatusOf(status: number): string {
  return String(GRPC_STATUS[status] ?? 2);
}

import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** The same for the client whatever was not found; the detail is the operator's. */
export function noRoute(detail: string): Refusal {
  return refuse('no_route', { reason: namedReason('route.none', detail) });
}

import type { RequestFacts } from '../../core/message.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Identity } from '../../plugin/contract.ts';
import { isSameOrigin } from '../../browser/same-origin.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** RFC 9110 9.2.1: methods that ask for nothing to be changed. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site made a browser send with its session cookie: anything that may
 * change something, and WebSocket handshakes, which no CORS guards. Other credentials are not sent by
 * themselves. `isAllowedOrigin` is the route's own word on other origins.
 */
export function crossSiteRefusal(
  request: RequestFacts,
  identity: Identity | undefined,
  { publicPort, isAllowedOrigin }: { publicPort: number; isAllowedOrigin: boolean },
): Refusal | undefined {
  if (identity?.session === undefined || isAllowedOrigin) return undefined;
  const isSafe = SAFE_METHODS.has(request.method) && request.upgrade === undefined;
  return isSafe || isSameOrigin(request, publicPort) ? undefined : crossSite();
}

export function crossSite(): Refusal {
  const detail = 'neither Origin nor Sec-Fetch-Site says that it came from this site';
  return refuse('cross_site', { reason: namedReason('csrf.cross_site', detail) });
}

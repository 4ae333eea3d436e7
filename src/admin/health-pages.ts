import type { IncomingMessage } from 'node:http';
import { isRead, json, pathOf, plain } from './admin-answer.ts';
import type { Answer } from './admin-answer.ts';
import type { AdminSources } from './admin-sources.ts';

/** `gateway.admin.health`: what anybody may know, and metrics where the policy says so. No reasons, no names. */
export function healthPage(
  request: IncomingMessage,
  sources: Pick<AdminSources, 'readiness' | 'metrics'>,
  hasMetrics: boolean,
): Answer {
  if (!isRead(request)) return plain(405, 'GET or HEAD only', { allow: 'GET, HEAD' });
  const path = pathOf(request);
  if (path === '/healthz') return plain(200, 'alive');
  if (path === '/readyz') {
    const { isReady } = sources.readiness();
    return json(isReady ? 200 : 503, { ready: isReady });
  }
  if (path === '/metrics' && hasMetrics) return { status: 200, ...sources.metrics() };
  return plain(404, 'nothing here');
}

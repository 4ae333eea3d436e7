import { firstField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { CorsPolicy } from '../policy/snapshot/snapshot.ts';

/** True when the route lets this page's scripts in with what the browser knows of its person. */
export function isTrustedOrigin(cors: CorsPolicy | undefined, headers: HeaderList): boolean {
  const origin = firstField(headers, 'origin');
  return cors?.credentials === true && origin !== undefined && cors.origins.has(origin);
}

/** A question of a browser about what would follow (Fetch 4.8), which no application need answer. */
export function isPreflight(method: string, headers: HeaderList): boolean {
  if (method !== 'OPTIONS' || firstField(headers, 'origin') === undefined) return false;
  return firstField(headers, 'access-control-request-method') !== undefined;
}

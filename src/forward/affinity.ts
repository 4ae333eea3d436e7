import { fieldValues } from '../core/header-list.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import { keyTuple } from '../core/key-tuple.ts';
import type { InboundRequest } from '../core/message.ts';
import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';

export interface AffinityFacts {
  readonly request: Pick<InboundRequest, 'headers' | 'connection'>;
  readonly identity: AuthenticatedIdentity | undefined;
}

/** By what a request keeps to one routing key of its service; undefined: each request is on its own. */
export function affinityOf(service: ServicePolicy, facts: AffinityFacts): string | undefined {
  const sticky = service.addresses?.sticky;
  if (sticky === undefined) return undefined;
  if (sticky === 'session') return whoAsks(facts);
  const values = fieldValues(facts.request.headers, sticky.header);
  return values.length === 0 ? undefined : keyTuple('header', ...values);
}

/** A login outlasts the address, and the identity the login. */
function whoAsks({ identity, request }: AffinityFacts): string {
  if (identity?.session !== undefined) return keyTuple('session', identity.session);
  if (identity !== undefined) return keyTuple('identity', identity.issuer, identity.subject);
  return keyTuple('address', request.connection.remoteAddress);
}

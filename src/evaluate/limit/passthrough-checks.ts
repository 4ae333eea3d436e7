import { keyTuple } from '../../core/key-tuple.ts';
import type { PassthroughRoute, ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { Check } from '../../policy/snapshot/snapshot.ts';

/**
 * What a passthrough connection must pass: the ceiling of its route, then that of its service. The
 * connections of a pool, which serve terminated routes, are counted apart.
 */
export function passthroughChecks(
  route: PassthroughRoute,
  service: Pick<ServicePolicy, 'name' | 'maxConnections'>,
): readonly Check[] {
  const ofService = place(`services.${service.name}`, 'maxConnections', service.maxConnections);
  if (route.connections === undefined) return [ofService];
  return [place(`routes.${route.route}`, 'connections', route.connections), ofService];
}

function place(group: string, option: string, most: number): Check {
  const name = `${group}.${option}`;
  const key = keyTuple('connection', group);
  return { kind: 'place', name, group, mode: 'enforce', ruleKey: key, key, most };
}

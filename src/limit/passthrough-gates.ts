import { keyTuple } from '../core/key-tuple.ts';
import type { Limits, PassthroughRoute, ServicePolicy } from '../policy/snapshot.ts';
import type { Gate } from './gates.ts';

/**
 * What a passthrough connection must pass: the ceiling of its route, then that of its service. The
 * connections of a pool, which serve terminated routes, are counted apart.
 */
export function passthroughGates(
  route: PassthroughRoute,
  service: Pick<ServicePolicy, 'name' | 'maxConnections'>,
): readonly Gate[] {
  const ofService = gate(`services.${service.name}`, 'maxConnections', service.maxConnections);
  if (route.connections === undefined) return [ofService];
  return [gate(`routes.${route.route}`, 'connections', route.connections), ofService];
}

function gate(name: string, key: string, concurrent: number): Gate {
  const limits: Limits = { rates: [], burst: undefined, concurrent, mode: 'enforce' };
  const concurrencyKey = keyTuple('connection', name);
  return { name, limits, buckets: [], concurrencyKey, placesName: `${name}.${key}` };
}

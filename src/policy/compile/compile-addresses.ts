import type { RoutingKey } from '../../core/ids.ts';
import type { AddressesInput } from '../schema/schema.ts';
import type { ServiceAddresses, ServicePolicy } from '../snapshot/snapshot.ts';

/** One service for each routing key, the same but for its address. */
export function compileAddresses(input: AddressesInput, service: ServicePolicy): ServiceAddresses {
  const { priority, weighted, sticky } = input;
  const weights = priority?.map((key) => [key, 1] as const) ?? Object.entries(weighted ?? {});
  return {
    order: priority === undefined ? 'weighted' : 'priority',
    sticky: typeof sticky === 'object' ? { header: sticky.header.toLowerCase() } : sticky,
    members: weights.map(([key, weight]) => ({
      weight,
      service: { ...service, address: key as RoutingKey },
    })),
  };
}

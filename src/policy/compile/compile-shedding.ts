import { DEFAULTS } from '../schema/schema.ts';
import type { PolicyDocument } from '../schema/schema.ts';
import type { SheddingPolicy } from '../snapshot/snapshot.ts';

/** Of a request without a tier. */
const NO_TIER = 1;

/** `gateway.shedding` and the priorities of all tiers; undefined: nobody is refused for overload. */
export function compileShedding({
  gateway,
  tiers = {},
}: PolicyDocument): SheddingPolicy | undefined {
  const said = gateway?.shedding;
  if (said === undefined) return undefined;
  const priorities = new Map(
    Object.entries(tiers).map(([name, { priority }]) => [name, priority ?? DEFAULTS.priority]),
  );
  const inUse = [...new Set([NO_TIER, ...priorities.values()])].toSorted((a, b) => a - b);
  return {
    eventLoopDelayMs: said.eventLoopDelay,
    memory: said.memory,
    queue: said.queue,
    steps: inUse.slice(0, -1),
    priorities,
  };
}

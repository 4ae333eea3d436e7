import type { AdminSources } from '../../../src/admin/admin-sources.ts';
import type { AdminPolicy } from '../../../src/policy/snapshot/snapshot.ts';
import { DecisionRing } from '../../../src/record/decisions/decision-ring.ts';

/** An admin listener on the loopback that asks nobody who they are. */
export function adminPolicy(overrides: Partial<AdminPolicy> = {}): AdminPolicy {
  return {
    listen: { address: undefined, port: 0 },
    health: undefined,
    metrics: false,
    certificate: undefined,
    auth: undefined,
    hosts: [],
    ...overrides,
  };
}

/** Sources of a gateway that is ready and says as little as it may. */
export function adminSources(overrides: Partial<AdminSources> = {}): AdminSources {
  return {
    readiness: () => ({ isReady: true, reasons: [] }),
    metrics: () => ({ body: 'a 1\n', contentType: 'text/plain; version=0.0.4' }),
    config: () => ({
      running: { generation: 1, hash: 'aa', since: '2026-01-01T00:00:00.000Z', files: [] },
      changes: [],
      generations: [],
      refused: undefined,
      notReplaced: [],
      certificates: [],
    }),
    network: () => undefined,
    decisions: new DecisionRing(),
    action: () => undefined,
    ...overrides,
  };
}

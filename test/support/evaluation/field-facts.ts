import type { FieldFacts } from '../../../src/evaluate/identity/field-value.ts';

/** A request of nobody, of the tenant of its address. */
export function fieldFacts(overrides: Partial<FieldFacts> = {}): FieldFacts {
  return {
    identity: undefined,
    tenant: { id: '192.0.2.1', tier: undefined },
    requestId: '01J0000000000000000000000A',
    clientAddress: '192.0.2.1',
    ...overrides,
  };
}

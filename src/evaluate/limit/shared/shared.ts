// Limits that are counted in a store which replicas share.
//   shared-limits.ts                   the face: who counts which check, and what holds while the store is away
//   window-limits.ts, window-client.ts rates in windows, over rate-limiter-flexible; local-share.ts is its insurance
//   strict-limits.ts                   rates by the generic cell rate algorithm
//   quota-limits.ts                    quotas of calendar periods
//   shared-places.ts, place-leases.ts, own-places.ts   places in flight, as leases
//   script-runner.ts, watched-runner.ts, scripts.ts, place-scripts.ts, shared-key.ts   how the store is asked
export type { ScriptRunner } from './script-runner.ts';
export { SharedLimits } from './shared-limits.ts';

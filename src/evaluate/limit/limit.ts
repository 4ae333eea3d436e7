// What may go on now: rates (tokens), quotas and places (requests in flight), counted for address, tenant, route and path.
//   request-checks.ts, passthrough-checks.ts   the list of checks of a request, most of it compiled (policy/snapshot/limits.ts)
//   limiter.ts, address-limiter.ts     take each check of the list, or refuse and give back what was taken
//   limit-store.ts                     where it is counted; memory-limits.ts does it in this process, with
//                                      bucket-table.ts, quota-table.ts and semaphore.ts
//   calendar.ts                        when the hour, day or month of a quota begins and ends
//   connection-places.ts               places of connections, held until these close
//   permit.ts                          what a request holds until its last octet
//   admission.ts, rate-limit-fields.ts what was taken, and what the client learns of it
//   shared/                            the same, counted in a store that replicas share
export { amountText } from './amount-text.ts';
export { AddressLimiter } from './address-limiter.ts';
export { requestChecks, tenantChecks } from './request-checks.ts';
export { Limiter } from './limiter.ts';
export { passthroughChecks } from './passthrough-checks.ts';
export type { Permit } from './permit.ts';
export type { ScriptRunner } from './shared/shared.ts';
export { SharedLimits } from './shared/shared.ts';

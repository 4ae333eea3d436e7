/**
 * The compiled policy, frozen to the leaves: what `policy/compile/` makes of a checked file set. Types only.
 * Stages import this file and no other of `policy/`. Durations are milliseconds, sizes octets.
 */
export type * from './policy-snapshot.ts'; // the whole of it
export type * from './route-table.ts'; // host and path → rule
export type * from './rule.ts'; // all that governs one path of one route
export type * from './field-rules.ts'; // fields that a rule sets, adds and removes
export type * from './require.ts'; // who may pass, and what the identity has to be
export type * from './claim-path.ts'; // where a value of an identity is found
export type * from './address-rule.ts'; // clients by address
export type * from './limits.ts'; // rates, quotas and places
export type * from './tenants.ts'; // whose request it is, and which limits that gives
export type * from './provider.ts'; // a plugin and its options
export type * from './service.ts'; // an application, and the way to it
export type * from './network.ts'; // links to routers
export type * from './credentials.ts'; // certificates and keys that were read
export type * from './gateway.ts'; // listeners, ceilings, store, sessions
export type * from './pages.ts'; // how our pages look
export type * from './tests.ts'; // cases of `fairlead test`
export type * from './position.ts'; // file, line and column

import type { AuthenticatedIdentity } from '../core/identity.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { Refusal } from '../core/refusal.ts';
import type { FixedAnswer } from '../policy/snapshot/snapshot.ts';
import type { Permit } from './limit/limit.ts';
import type { OwnMatch, RouteMatch } from './route/match.ts';
import type { Tenant } from './tenant/resolve-tenant.ts';

/**
 * The gates of a request in their order. `address-list` stands for the lists of route and path, too, which are asked
 * behind `route`. `authorize`, which this version does not have yet, keeps its place here.
 */
export const GATES = [
  'address-list',
  'address-limit',
  'own-page',
  'route',
  'methods',
  'cors',
  'authenticate',
  'cross-site',
  'require',
  'authorize',
  'tenant',
  'overload',
  'identity-headers',
  'limit',
] as const;

export type Gate = (typeof GATES)[number];

/** What became known of a request on its way: what decided, with its source position in `match.rule`. */
export interface Found {
  readonly match: RouteMatch | undefined;
  readonly identity: AuthenticatedIdentity | undefined;
  readonly tenant: Tenant | undefined;
}

/** May have what its rule leads to. The permit is the caller's to give back. */
interface Admitted {
  readonly match: RouteMatch;
  /** Undefined: the rule is public, or its login optional and nobody is logged in. */
  readonly identity: AuthenticatedIdentity | undefined;
  readonly tenant: Tenant;
  /** What `headers.response` sets and adds: names and values by turns. */
  readonly responseFields: HeaderList;
  readonly permit: Permit;
}

/** May go on to its service. */
export interface Allowed extends Admitted {
  readonly kind: 'allow';
  /** What `headers.identity` and `headers.request` give the application: names and values by turns. */
  readonly requestFields: HeaderList;
}

/** Gets an answer of the policy. */
export type Answered = Admitted &
  (
    | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
    | { readonly kind: 'respond'; readonly answer: FixedAnswer }
  );

interface Refused extends Found {
  readonly kind: 'refuse';
  readonly refusal: Refusal;
  /** How far the request came. */
  readonly gate: Gate;
}

/** What the gates say of one request. Holds no socket, exchange or sink. */
export type Decision =
  | Allowed
  | Answered
  | Refused
  /** A page of the gateway's own, below `/.fairlead`. */
  | { readonly kind: 'own'; readonly match: OwnMatch }
  /** A browser asks beforehand what a script of another site may do; the route's CORS answers. */
  | { readonly kind: 'preflight'; readonly match: RouteMatch }
  /** The client left while a plugin was asked: nothing was taken, nobody waits. */
  | { readonly kind: 'gone' };

export const NOTHING_FOUND: Found = Object.freeze({
  match: undefined,
  identity: undefined,
  tenant: undefined,
});

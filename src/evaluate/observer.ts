import type { AuthResult } from '../plugin/contract.ts';
import type { PluginError } from '../plugin/host/host.ts';
import type { Check } from '../policy/snapshot/snapshot.ts';
import type { RouteMatch } from './route/match.ts';
import type { Tenant } from './tenant/resolve-tenant.ts';

/** One step of an evaluation, told as it is taken. A refusal is in the decision, not here. */
export type Step =
  | { readonly kind: 'route'; readonly match: RouteMatch }
  | {
      readonly kind: 'provider';
      readonly name: string;
      readonly result: AuthResult | PluginError;
    }
  | { readonly kind: 'tenant'; readonly tenant: Tenant }
  | { readonly kind: 'limits'; readonly checks: readonly Check[] };

/** Watches one evaluation: `fairlead explain` does. Live traffic has none, and pays nothing for it. */
export type Observer = (step: Step) => void;

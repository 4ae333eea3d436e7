// Which test shows what the gateway does by a key of a policy: on traffic, in what is served, or in what a command prints.
//   gateway.ts, services.ts (network, services), providers.ts, rules.ts (routes, paths, profiles, tenants, limits),
//   cases.ts (tests)      effects.ts   the form of an entry
// ../key-effects.test.ts holds it against the reference. A key that routes, paths, profiles and gateway.defaults have in
// common is `rules.<key>`, one of limits `limits.<key>`, wherever it stands.
import { CASES } from './cases.ts';
import type { Effects } from './effects.ts';
import { GATEWAY } from './gateway.ts';
import { PROVIDERS } from './providers.ts';
import { RULES } from './rules.ts';
import { SERVICES } from './services.ts';

export const KEY_EFFECTS: Readonly<Record<string, Effects>> = {
  'gateway.ts': GATEWAY,
  'services.ts': SERVICES,
  'providers.ts': PROVIDERS,
  'rules.ts': RULES,
  'cases.ts': CASES,
};

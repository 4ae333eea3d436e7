// What the schema cannot say of a set: a file a check, listed below with the codes that it reports.
//   check-shape.ts   a set held against the schema, before the others
//   written-set.ts   what each of them gets; the tree as written, and the effective rules
//   lint.ts          what loads and is probably not meant, on the compiled policy; redirect-loops.ts, a part of it; check-use.ts:
//                    what this set gives no effect
//   effect-report.ts how a key without an effect is told
//   claims.ts, service-uses.ts   who claims which requests, who names which service
//   ruled-names.ts   header names that no rule may touch, and why
import type { Findings } from '../issues/issue.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkAdmin } from './check-admin.ts';
import { checkEffect } from './check-effect.ts';
import { checkFieldRules } from './check-field-rules.ts';
import { checkHeaders } from './check-headers.ts';
import { checkListen } from './check-listen.ts';
import { checkLoginHosts } from './check-login-hosts.ts';
import { checkNames } from './check-names.ts';
import { checkOptional } from './check-optional.ts';
import { checkPassthrough } from './check-passthrough.ts';
import { checkReach } from './check-reach.ts';
import { checkRequire } from './check-require.ts';
import { checkRoutes } from './check-routes.ts';
import { checkServices } from './check-services.ts';
import { checkShedding } from './check-shedding.ts';
import { checkTargets } from './check-targets.ts';
import { checkWhen } from './check-when.ts';
import type { WrittenSet } from './written-set.ts';

type PolicyCheck = (set: WrittenSet, findings: Findings) => void;

/** What the schema cannot say. None needs another to have run, so their order is that of this page. */
const CHECKS: readonly PolicyCheck[] = [
  checkNames, // E201 to E203: a provider, profile or tier that is not there
  checkTargets, // E103, E111, E302, E305: a path that leads nowhere, or to two places
  checkRoutes, // E210, E301 to E303, E305: hosts, paths, no auth, two rules for the same requests
  checkHeaders, // E304: header names that are not the policy's to set
  checkFieldRules, // E111, E304, E312, W330: fields that a rule sets, adds or removes
  checkPassthrough, // E306: what would need a request, where none is read
  checkOptional, // E310: requirements that make an optional login none
  checkRequire, // E307 to E309: requirements that nobody can meet
  checkShedding, // E111: priorities without shedding, and the other way round
  checkWhen, // E311: expressions that cannot be compiled
  checkLoginHosts, // E216: hosts without a redirect URI
  checkServices, // E214, E215, W307: services that nothing can reach
  checkAdmin, // E220, W320: an admin listener that is open to other machines
  checkListen, // E221, W315: two listeners at one address, a plain one without the port that clients see
  checkEffect, // E111: keys without an effect
  checkReach, // E111, W330: values that are never reached
  checkAddresses, // W313: trust in everybody
];

export function runChecks(set: WrittenSet, findings: Findings): void {
  for (const check of CHECKS) check(set, findings);
}

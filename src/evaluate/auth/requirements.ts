import { claimValues } from '../../core/claims.ts';
import { stringifyJson } from '../../core/exact-json.ts';
import type { AuthenticatedIdentity, Identity } from '../../core/identity.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal, RefusalReason } from '../../core/refusal.ts';
import { stepUpField } from '../../core/step-up-field.ts';
import type { Requirements } from '../../plugin/contract.ts';
import type { ClaimRequirement, RuleRequirements } from '../../policy/snapshot/snapshot.ts';
import { describeCondition, holds, isTooLong } from './claim-condition.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** As the plugins allow it: a login just completed may look older when the clocks differ. */
const TOLERANCE_MS = 30_000;
/** Of a claim in a reason: enough to see what was there, and no more of a person's data. */
const MAX_SHOWN = 80;

/**
 * What `require` of the rule says to an identity, whatever its plugin has judged already. Undefined: all
 * of it holds. A claim that does not hold is 403; a login that is too weak or too old is 401 in the form
 * of RFC 9470, since the plugin that could have sent a browser to a better login did not.
 */
export function unmetRequirement(
  requires: RuleRequirements | undefined,
  identity: AuthenticatedIdentity | undefined,
  nowMs: number,
): Refusal | undefined {
  if (requires === undefined) return undefined;
  const weak =
    identity === undefined ? unknownLogin(requires) : weakLogin(requires, identity, nowMs);
  if (weak !== undefined) return weak;
  const unmet = requires.claims.find((claim) => !isMet(claim, identity));
  if (unmet === undefined) return undefined;
  return refuse('forbidden', {
    reason: namedReason('require.claims', sentence(unmet, identity)),
  });
}

/**
 * A public rule requires nothing, `checkRequire` lets an optional one require nothing of the login, and every other
 * has an identity: this is a broken invariant.
 */
function unknownLogin({ acr, maxAgeMs }: RuleRequirements): Refusal | undefined {
  if (acr === undefined && maxAgeMs === undefined) return undefined;
  return refuse('forbidden', { reason: namedReason('require.identity') });
}

function weakLogin(
  requires: RuleRequirements,
  identity: AuthenticatedIdentity,
  nowMs: number,
): Refusal | undefined {
  const weakness = weaknessOf(requires, identity.members ?? [identity], nowMs);
  if (weakness === undefined) return undefined;
  const headers = ['www-authenticate', stepUpChallenge(identity.provider, requires)];
  return refuse('step_up_required', { reason: weakness, headers });
}

/** Of the policy's rule, or of what a plugin is told of it. */
type Strength = { readonly [K in keyof Requirements]: Requirements[K] | undefined };

/** What a client that follows no redirect is told of a login that is not enough. */
export function stepUpChallenge(provider: string, { acr, maxAgeMs }: Strength): string {
  return stepUpField(provider, {
    ...(acr !== undefined && { acr }),
    ...(maxAgeMs !== undefined && { maxAgeSeconds: maxAgeMs / 1000 }),
  });
}

/** Of several identities one must have the `acr`, and each must be recent: the oldest proof counts. */
function weaknessOf(
  { acr, maxAgeMs }: RuleRequirements,
  members: readonly Identity[],
  nowMs: number,
): RefusalReason | undefined {
  if (acr !== undefined && !members.some(({ assurance }) => assurance === acr)) {
    const found = members.map(({ assurance }) => shown(assurance)).join(', ');
    return namedReason('require.acr', `acr is ${found}, the policy wants ${shown(acr)}`);
  }
  if (maxAgeMs === undefined) return undefined;
  const since = Math.min(...members.map(({ authenticatedAt }) => authenticatedAt));
  if (nowMs - since <= maxAgeMs + TOLERANCE_MS) return undefined;
  const wanted = `the policy wants at most ${maxAgeMs / 1000} s`;
  // 0: the credential does not tell (plugin contract, `authenticatedAt`).
  const found =
    since === 0
      ? 'the time of the login is unknown'
      : `the login was ${ageOf(nowMs - since)} s ago`;
  return namedReason('require.max_age', `${found}, ${wanted}`);
}

function ageOf(ms: number): number {
  return Math.ceil(ms / 1000);
}

function isMet(
  { path, conditions }: ClaimRequirement,
  identity: AuthenticatedIdentity | undefined,
): boolean {
  const values = valuesOf(path, identity);
  return !isTooLong(conditions, values) && conditions.every((each) => holds(each, values));
}

/** Nobody has no claims. */
function valuesOf(
  path: ClaimRequirement['path'],
  identity: AuthenticatedIdentity | undefined,
): readonly unknown[] {
  return identity === undefined ? [] : claimValues(path, identity);
}

function sentence(
  { text, path, conditions }: ClaimRequirement,
  identity: AuthenticatedIdentity | undefined,
): string {
  const values = valuesOf(path, identity);
  if (isTooLong(conditions, values)) return `the claim ${text} is too long for a pattern to judge`;
  const found = values.length === 0 ? 'missing' : values.map(shown).join(', ');
  const wanted = conditions.map(describeCondition).join(' and ');
  return `the claim ${text} is ${clipped(found)}, the policy wants ${wanted}`;
}

function shown(value: unknown): string {
  return clipped(stringifyJson(value) ?? 'missing');
}

function clipped(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

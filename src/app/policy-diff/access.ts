import { describeCondition } from '../../evaluate/auth/claim-condition.ts';
import type { AuthRequirement, Rule, RuleRequirements } from '../../policy/snapshot/snapshot.ts';
import type { Difference } from './change.ts';

/** Who may pass one rule and not the other. */
export function accessDifferences(before: Rule, after: Rule): readonly Difference[] {
  const auth = authDifferences(before.auth, after.auth);
  // What is public requires nothing: that it opened is said already.
  if (before.auth.kind === 'public' || after.auth.kind === 'public') return auth;
  return [...auth, ...requirementDifferences(before.requires, after.requires)];
}

/** `corp or api`, `corp and api`, or that nobody is asked. */
export function authWords(auth: AuthRequirement): string {
  if (auth.kind === 'public') return 'no login';
  const names = auth.providers.join(auth.kind === 'all' ? ' and ' : ' or ');
  return auth.kind === 'optional' ? `${names}, or no login` : names;
}

/** Each way in is the set of providers that must all say yes. */
function waysIn(auth: AuthRequirement): readonly ReadonlySet<string>[] {
  if (auth.kind === 'public') return [new Set()];
  if (auth.kind === 'all') return [new Set(auth.providers)];
  const ways = auth.providers.map((provider) => new Set([provider]));
  return auth.kind === 'optional' ? [new Set(), ...ways] : ways;
}

function authDifferences(before: AuthRequirement, after: AuthRequirement): readonly Difference[] {
  const [old, now] = [waysIn(before), waysIn(after)];
  // A way is new where none of the old ones asks for less.
  const opens = now.some((way) => !old.some((other) => isWithin(other, way)));
  const closes = old.some((way) => !now.some((other) => isWithin(other, way)));
  const what = `asks for ${authWords(after)}, before: ${authWords(before)}`;
  if (opens) return [{ kind: 'opens', what }];
  if (closes) return [{ kind: 'closes', what }];
  // Who is public and who is optional lets in the same, and asks differently.
  return before.kind === 'optional' || after.kind === 'optional'
    ? whatChanged(before, after, what)
    : [];
}

function whatChanged(
  before: AuthRequirement,
  after: AuthRequirement,
  what: string,
): readonly Difference[] {
  return authWords(before) === authWords(after) ? [] : [{ kind: 'changes', what }];
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((each) => whole.has(each));
}

const NOTHING: RuleRequirements = { acr: undefined, maxAgeMs: undefined, claims: [] };

function requirementDifferences(
  before: RuleRequirements = NOTHING,
  after: RuleRequirements = NOTHING,
): readonly Difference[] {
  const old = wordsOf(before);
  const now = wordsOf(after);
  const gone = [...old].filter((each) => !now.has(each));
  const added = [...now].filter((each) => !old.has(each));
  return [
    ...gone.map((each): Difference => ({ kind: 'opens', what: `no longer requires ${each}` })),
    ...added.map((each): Difference => ({ kind: 'closes', what: `requires ${each}` })),
    ...ageDifferences(before.maxAgeMs, after.maxAgeMs),
  ];
}

function wordsOf({ acr, claims, when = [] }: RuleRequirements): ReadonlySet<string> {
  return new Set([
    ...(acr === undefined ? [] : [`acr ${JSON.stringify(acr)}`]),
    ...claims.map(
      ({ text, conditions }) => `${text} ${conditions.map(describeCondition).join(' and ')}`,
    ),
    ...when.map(({ text }) => `when ${text.trim()}`),
  ]);
}

function ageDifferences(before = Infinity, after = Infinity): readonly Difference[] {
  if (before === after) return [];
  const what = `the login may be ${ageText(after)} old, before: ${ageText(before)}`;
  return [{ kind: after > before ? 'opens' : 'closes', what }];
}

function ageText(ms: number): string {
  return ms === Infinity ? 'any time' : `at most ${ms / 1000}s`;
}

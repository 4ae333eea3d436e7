import { isOptional } from '../rules/auth-names.ts';
import { fieldOf, lastOf } from '../rules/effective-rule.ts';
import type { Said } from '../rules/effective-rule.ts';
import type { Findings } from '../issues/issue.ts';
import type { MapEntry, Path } from '../source/source.ts';
import { childOf, entriesOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/**
 * Requirements of an optional login that nobody without an identity can ever meet (E310): with them the login is not
 * optional, and nobody would be sent to it. Left are claims that must `not` be so, and `when`.
 */
export function checkOptional({ rules }: WrittenSet, findings: Findings): void {
  const optional = [...rules.values()]
    .flat()
    .filter((rule) => isOptional(lastOf(rule, 'auth')?.node));
  // What a route requires is in the rule of each of its paths.
  const required = new Map<Said['node'], Said>();
  for (const rule of optional) {
    for (const said of fieldOf(rule, 'require').said) required.set(said.node, said);
  }
  for (const said of required.values()) checkRequired(said, findings);
}

function checkRequired({ node, path }: Said, findings: Findings): void {
  for (const [key, entry] of entriesOf(node)) {
    if (key === 'acr' || key === 'maxAge') report([...path, key], entry, findings);
  }
  for (const [claim, entry] of entriesOf(childOf(node, 'claims'))) {
    if (!isNegative(entry)) report([...path, 'claims', claim], entry, findings);
  }
}

/** Holds of a claim that is not there. */
function isNegative({ node }: MapEntry): boolean {
  return node.kind === 'map' && entriesOf(node).every(([operator]) => operator === 'not');
}

function report(path: Path, { key }: MapEntry, findings: Findings): void {
  const message = 'nobody without an identity can meet this, and "auth" is optional here';
  const hint = 'name the provider in "auth" without "optional", or require what must "not" be so';
  findings.add({ code: 'E310', message, hint, path, at: key });
}

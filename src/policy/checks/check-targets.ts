import { lastOf } from '../rules/effective-rule.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { isPassthrough } from '../rules/levels.ts';
import type { Findings } from '../issues/issue.ts';
import { childOf, entriesOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** Every request that a rule takes has somewhere to go (E103). */
export function checkTargets({ root, rules }: WrittenSet, findings: Findings): void {
  for (const [name, { node, key }] of entriesOf(childOf(root, 'routes'))) {
    const path = ['routes', name];
    if (isPassthrough(node) && childOf(node, 'service') === undefined) {
      const message = `missing key "service" in routes.${name}`;
      findings.add({ code: 'E103', message, path: [...path, 'service'], at: key });
    }
    for (const rule of rules.get(name) ?? []) {
      if (lastOf(rule, 'service') === undefined) report(rule, { path, at: key, findings });
    }
  }
}

function report(
  { route, path: pattern, own }: EffectiveRule,
  place: {
    readonly path: readonly string[];
    readonly at: NonNullable<EffectiveRule['own']>['key'];
    readonly findings: Findings;
  },
): void {
  const at = own?.key ?? place.at;
  const path = own === undefined ? place.path : [...place.path, 'paths', pattern];
  const where = own === undefined ? `routes.${route}` : `routes.${route}, path ${pattern}`;
  const message = `missing key "service" in ${where}`;
  place.findings.add({ code: 'E103', message, path: [...path, 'service'], at });
}

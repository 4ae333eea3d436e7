import type { PolicySnapshot, Rule, SourcePosition } from '../../policy/snapshot/snapshot.ts';
import type { DescribedEvaluation } from './described-evaluation.ts';

/** A part of the policy that no case reached. */
export interface Untested {
  readonly kind: 'route' | 'path' | 'provider';
  readonly name: string;
  readonly position: SourcePosition;
}

/** Which routes, paths and providers the cases of a set reach. */
export class Coverage {
  readonly #snapshot: PolicySnapshot;
  readonly #reached = new Set<string>();
  readonly #asked = new Set<string>();

  constructor(snapshot: PolicySnapshot) {
    this.#snapshot = snapshot;
  }

  note({ steps }: DescribedEvaluation): void {
    for (const step of steps) {
      if (step.kind === 'route') this.#reached.add(keyOf(step.match.rule));
      if (step.kind === 'provider') this.#asked.add(step.name);
    }
  }

  /** Routes that no case reached, else the paths of a route that none did; then providers. In the order of the policy. */
  untested(): readonly Untested[] {
    const byRoute = Map.groupBy(rulesOf(this.#snapshot), ({ route }) => route);
    const rules = [...byRoute].flatMap(([route, all]) => {
      const missed = all.filter((rule) => !this.#reached.has(keyOf(rule)));
      if (missed.length < all.length) return missed.map(untestedPath);
      return [{ kind: 'route' as const, name: route, position: firstOf(all) }];
    });
    const providers = [...this.#snapshot.providers.values()]
      .filter(({ name }) => !this.#asked.has(name))
      .map(({ name, position }) => ({ kind: 'provider' as const, name, position }));
    return [...rules, ...providers];
  }
}

function keyOf({ route, path }: Rule): string {
  return `${route} ${path}`;
}

function untestedPath({ route, path, position }: Rule): Untested {
  return { kind: 'path', name: `${route}, path ${path}`, position };
}

/** The first place of the route that is written. */
function firstOf(rules: readonly Rule[]): SourcePosition {
  return rules.map(({ position }) => position).toSorted((a, b) => a.line - b.line)[0]!;
}

/** Each rule once, though a route of two hosts has it twice. */
function rulesOf({ routes }: PolicySnapshot): readonly Rule[] {
  const hosts = [...routes.exact.values(), ...routes.wildcards];
  const rules = hosts.flatMap((host) => host.rules);
  return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()];
}

import type { NarrowedRequest } from '../../evaluate/route/narrowing.ts';
import type { HeaderCondition, Rule } from '../../policy/snapshot/snapshot.ts';

/** A request to a path, as far as methods and fields tell its rules apart. */
export interface Sample extends NarrowedRequest {
  /** `POST with x-canary: 1`. */
  readonly words: string;
}

/** A method and a value that no policy writes, to stand for any other. */
const ANY_METHOD = 'FAIRLEAD-ANY-OTHER';
const ANY_VALUE = 'fairlead-any-other';

/** A request for each method and each set of fields that some rule of the path names, and for what none does. */
export function samplesOf(rules: readonly Rule[]): readonly Sample[] {
  const named = new Set(rules.flatMap(({ methods }) => [...(methods ?? [])]));
  const conditions = new Map(
    rules.map(({ matchHeaders = [] }) => [JSON.stringify(fieldsFor(matchHeaders)), matchHeaders]),
  );
  conditions.set('[]', []);
  return [...conditions.values()].flatMap((fields) =>
    [...named, ANY_METHOD].map((method) => ({
      method,
      headers: fieldsFor(fields),
      words: `${method === ANY_METHOD ? otherMethods(named) : method}${withWords(fields)}`,
    })),
  );
}

function otherMethods(named: ReadonlySet<string>): string {
  return named.size === 0 ? 'any method' : 'other methods';
}

function fieldsFor(conditions: readonly HeaderCondition[]): readonly string[] {
  return conditions.flatMap(({ name, values }) => [name, firstOf(values) ?? ANY_VALUE]);
}

function withWords(conditions: readonly HeaderCondition[]): string {
  const words = conditions.map(({ name, values }) =>
    values === undefined ? name : `${name}: ${[...values].join(' or ')}`,
  );
  return words.length === 0 ? '' : ` with ${words.join(', ')}`;
}

function firstOf(values: ReadonlySet<string> | undefined): string | undefined {
  return values?.values().next().value;
}

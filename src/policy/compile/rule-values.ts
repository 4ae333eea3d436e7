import { fieldOf } from '../rules/effective-rule.ts';
import type { EffectiveRule, Said } from '../rules/effective-rule.ts';
import type { Scope } from '../rules/levels.ts';
import type { PolicyDocument } from '../schema/schema.ts';
import type { RouteInput } from '../schema/schema.ts';
import type { Path } from '../source/source.ts';

/** The type of `timeout.total` in a route, without its `null`. */
type ValueAt<T, P extends string> = P extends `${infer Key}.${infer Rest}`
  ? Key extends keyof T
    ? ValueAt<NonNullable<T[Key]>, Rest>
    : never
  : P extends keyof T
    ? NonNullable<T[P]>
    : never;

type NamedValue<P extends string> =
  ValueAt<RouteInput, P> extends Readonly<Record<string, infer V>> ? NonNullable<V> : never;

/** The checked values of what an effective rule says, by the name of the field. */
export class RuleValues {
  readonly #rule: EffectiveRule;
  readonly #document: PolicyDocument;

  constructor(rule: EffectiveRule, document: PolicyDocument) {
    this.#rule = rule;
    this.#document = document;
  }

  /** Undefined: no level says it. */
  last<P extends string>(field: P): ValueAt<RouteInput, P> | undefined {
    const said = fieldOf(this.#rule, field).said.at(-1);
    return said && this.#value<P>(said);
  }

  /** Outer levels first. */
  all<P extends string>(field: P): readonly ValueAt<RouteInput, P>[] {
    return fieldOf(this.#rule, field).said.map((said) => this.#value<P>(said));
  }

  /** Each with its place, outer levels first. */
  placed<P extends string>(field: P): readonly (readonly [Path, ValueAt<RouteInput, P>])[] {
    return fieldOf(this.#rule, field).said.map((said) => [said.path, this.#value<P>(said)]);
  }

  /** What the route or the path says, its keys over those of the profiles that it uses. */
  of<P extends string>(scope: Scope, field: P): ValueAt<RouteInput, P> | undefined {
    const own = fieldOf(this.#rule, field).said.filter((each) => each.scope === scope);
    if (own.length === 0) return undefined;
    const values = own.map((said) => this.#value<P>(said));
    return Object.assign({}, ...values) as ValueAt<RouteInput, P>;
  }

  /** Of a mapping whose keys are names that the operator chooses: each name as written, and its value. */
  named<P extends string>(field: P): readonly (readonly [string, NamedValue<P>])[] {
    return fieldOf(this.#rule, field).said.map((said) => [
      String(said.path.at(-1)),
      valueAt(this.#document, said.path) as NamedValue<P>,
    ]);
  }

  /** Of a list of names: each as written. */
  names(field: string): readonly string[] {
    return fieldOf(this.#rule, field).said.map(({ path }) => String(valueAt(this.#document, path)));
  }

  #value<P extends string>({ path }: Said): ValueAt<RouteInput, P> {
    return valueAt(this.#document, path) as ValueAt<RouteInput, P>;
  }
}

/** The document has the shape of the tree, so a path of one leads to the same place in the other. */
function valueAt(document: PolicyDocument, path: Path): unknown {
  let value: unknown = document;
  for (const key of path) value = (value as Readonly<Record<string | number, unknown>>)[key];
  return value;
}

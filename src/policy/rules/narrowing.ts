import { textOf } from '../source/source.ts';
import type { SourceNode } from '../source/source.ts';
import { fieldOf, lastOf } from './effective-rule.ts';
import type { EffectiveRule } from './effective-rule.ts';

/** Which requests of its host and path a rule takes. */
export interface Narrowing {
  /** HEAD among them where GET is (RFC 9110 9.3.2). Undefined: any. */
  readonly methods: ReadonlySet<string> | undefined;
  /** By name in lower case: the values it may have; undefined: any. */
  readonly headers: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

/** Reads `methods` and `matchHeaders` as they are written; what is not well-formed narrows nothing. */
export function narrowingOf(rule: EffectiveRule): Narrowing {
  return {
    methods: methodsOf(lastOf(rule, 'methods')?.node),
    headers: new Map(
      fieldOf(rule, 'matchHeaders').said.map(({ path, node }) => [
        String(path.at(-1)).toLowerCase(),
        valuesOf(node),
      ]),
    ),
  };
}

/** How many things a rule wants of a request: of two rules that take it, the one that wants more has it. */
export function weightOf({ methods, headers }: Narrowing): number {
  return (methods === undefined ? 0 : 1) + headers.size;
}

/** Whether some request is one that both take. */
export function overlap(a: Narrowing, b: Narrowing): boolean {
  if (!haveCommon(a.methods, b.methods)) return false;
  // The value of a field is one text, so two sets without a common one are never met together.
  return [...a.headers].every(([name, values]) => haveCommon(values, b.headers.get(name)));
}

/** Undefined stands for all there is. */
function haveCommon(
  a: ReadonlySet<string> | undefined,
  b: ReadonlySet<string> | undefined,
): boolean {
  return a === undefined || b === undefined || [...a].some((each) => b.has(each));
}

function methodsOf(node: SourceNode | undefined): ReadonlySet<string> | undefined {
  if (node?.kind !== 'list') return undefined;
  const names = node.items.flatMap((item) => textOf(item) ?? []);
  return new Set(names.includes('GET') ? [...names, 'HEAD'] : names);
}

function valuesOf(node: SourceNode): ReadonlySet<string> | undefined {
  const items = node.kind === 'list' ? node.items : [node];
  const texts = items.flatMap((item) => textOf(item) ?? []);
  return texts.length === 0 ? undefined : new Set(texts);
}

import { parse } from 'yaml';
import { builtInCatalogue } from '../../../src/app/load/load-policy-set.ts';
import { referencePage } from '../../../src/policy/schema/reference.ts';

/** A section of docs/policy-reference.md. */
export interface ReferenceSection {
  readonly title: string;
  /** As its table has them: `tls.ca`, `[].as.provider`, `overrides.X.tier`. */
  readonly keys: readonly string[];
  /** What each of the keys takes, as the table says it. */
  readonly values: readonly string[];
  /** Its blocks of YAML. */
  readonly examples: readonly string[];
  /** Titles of sections that it names for more examples. */
  readonly elsewhere: readonly string[];
}

export type Mapping = Readonly<Record<string, unknown>>;

export async function referenceSections(): Promise<readonly ReferenceSection[]> {
  const page = referencePage(await builtInCatalogue());
  const [, ...sections] = page.split(/^## /m);
  return sections.map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    keys: [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key!),
    values: [...text.matchAll(/^\| `[^`]+` \| (.*?) \|/gm)].map(([, value]) => value!),
    examples: [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => yaml!),
    elsewhere: [...text.matchAll(/\]\(#([a-z]+)\)/g)].map(([, anchor]) => anchor!),
  }));
}

const parsed = new Map<string, Mapping>();

/** The values of YAML in which the keys of a section may stand. */
export function valuesIn(title: string, yaml: string): readonly unknown[] {
  const set = parsed.get(yaml) ?? (parse(yaml) as Mapping);
  parsed.set(yaml, set);
  if (title.startsWith('providers')) return membersOf(set['providers']);
  if (title === 'paths') {
    return membersOf(set['routes']).flatMap((route) => membersOf((route as Mapping)['paths']));
  }
  const isNamed = ['services', 'tiers', 'profiles', 'routes'].includes(title);
  return isNamed ? membersOf(set[title]) : [set[title]];
}

/** Whether a value has something at a key; `X` is any name, and each item of a list is looked into. */
export function hasKey(value: unknown, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  if (Array.isArray(value)) return value.some((item) => hasKey(item, steps));
  if (typeof value !== 'object' || value === null) return false;
  if (step === 'X') return Object.values(value).some((inner) => hasKey(inner, rest));
  return Object.hasOwn(value, step) && hasKey((value as Mapping)[step], rest);
}

function membersOf(value: unknown): readonly unknown[] {
  return Object.values((value ?? {}) as Mapping);
}

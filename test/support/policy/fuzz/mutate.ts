import type { Json } from './from-schema.ts';
import type { Pick } from './pick.ts';

type Mapping = { [key: string]: Json };
type Holder = Mapping | Json[];

const RUBBISH: readonly Json[] = [
  null,
  '',
  0,
  -1,
  1.5,
  1e300,
  true,
  [],
  {},
  'public',
  'api',
  'nobody',
  ['api', 'public'],
  { all: ['api', 'api'] },
  '${env:SECRET}',
  '${env:NOTHING}',
  '${file:certs/ca.crt}',
  '${evn:X}',
  '{{ X }}',
  '10/s',
  '30s',
  '/**',
  '*.example.com',
  'identity.with.api.a',
  'a\nb\u001b[31m\u202e\ud800',
  'x'.repeat(3000),
  '__proto__',
  [[[[[[[[]]]]]]]],
];
const KEYS = [
  'auth',
  'require',
  'limits',
  'paths',
  'x',
  '',
  '__proto__',
  'constructor',
  '/**',
  '/.fairlead/x',
  '/a//b',
  'k\n\u202e',
];

const AIMED: ReadonlySet<string> = new Set(['auth', 'require', '/**', 'tier', 'service']);

/** One to a few changes to a tree: keys removed, exchanged, misspelt, values replaced and moved. */
export function mutated(pick: Pick, set: Mapping): Mapping {
  const copy = structuredClone(set);
  for (let left = pick.number(1, 3); left > 0; left -= 1) change(pick, copy);
  return copy;
}

function change(pick: Pick, root: Mapping): void {
  const places = placesOf(root);
  if (places.length === 0) return;
  // Who may pass hangs on few keys among hundreds, so a third of the changes aim at them.
  const aimed = pick.once(3) ? places.filter(({ key }) => AIMED.has(key)) : [];
  const { holder, key } = pick.of(aimed.length === 0 ? places : aimed);
  const value = (holder as Mapping)[key]!;
  switch (pick.number(0, 6)) {
    case 0:
    case 1:
      return remove(holder, key);
    case 2:
      return put(holder, key, pick.of(RUBBISH));
    case 3:
      return put(holder, pick.of(KEYS), value);
    case 4: {
      const other = pick.of(places);
      return put(holder, key, structuredClone((other.holder as Mapping)[other.key] ?? null));
    }
    case 5:
      return put(holder, `${key.slice(0, -1)}${pick.of(['', 'x'])}`, value);
    default:
      return put(holder, key, pick.of<Json>([[value], { [pick.of(KEYS)]: value }]));
  }
}

interface Place {
  readonly holder: Holder;
  readonly key: string;
}

function placesOf(node: Json): Place[] {
  if (typeof node !== 'object' || node === null) return [];
  const places = Object.keys(node).map((key) => ({ holder: node, key }));
  return [...places, ...Object.values(node).flatMap(placesOf)];
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function put(holder: Holder, key: string, value: Json): void {
  if (Array.isArray(holder)) holder.push(value);
  else
    Object.defineProperty(holder, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

const PIECES = [
  '[',
  '{',
  '- ',
  '? ',
  ': ',
  '"',
  '&a ',
  '*a',
  '<<: ',
  '!!x ',
  '\t',
  '\0',
  '#',
  '---\n',
  '\n',
  '%',
];

/** As the text stands in the file: mostly well-formed, now and then not. */
export function textOfSet(pick: Pick, set: Mapping): string {
  const text = JSON.stringify(set, undefined, pick.of([0, 1, 2]));
  if (!pick.once(8)) return text;
  const at = pick.number(0, text.length);
  return pick.once(2)
    ? text.slice(0, at) + pick.of(PIECES).repeat(pick.number(1, 100)) + text.slice(at)
    : text.slice(0, at) + text.slice(at + pick.number(1, 50));
}

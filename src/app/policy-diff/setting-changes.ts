import type { SourcePosition } from '../../policy/snapshot/snapshot.ts';
import type { WrittenValue } from '../../policy/source/written.ts';
import { addressChanges } from './address-changes.ts';
import type { Change } from './change.ts';

/** Told place by place instead (`rule-differences.ts`), or not about traffic. */
const NOT_HERE = /^(version|routes|tests|profiles)\b/;
/** The other field may be one that the proxies let through as a client wrote it. */
const OPENING: ReadonlySet<string> = new Set(['gateway.trustedProxies.field']);
/** Of a provider: these change nothing of whom it lets in. */
const HARMLESS =
  /^providers\.[^.[]+\.(timeout|client\.(secret|key|cert|method)|ca|par|prompt|responseMode|scopes|postLogout)\b/;

/**
 * What is written differently outside of the routes, in the operator's own words. What a provider accepts may be
 * another after a change of its options, so that counts as opening.
 */
export function settingChanges(
  before: readonly WrittenValue[],
  after: readonly WrittenValue[],
): readonly Change[] {
  const old = byPath(before);
  const now = byPath(after);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((path): readonly Change[] => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was?.digest === is?.digest) return [];
    const lists = addressChanges(path, was, is);
    const position = placeOf(was, is);
    if (lists !== undefined) return lists.map((each) => ({ ...each, where: path, position }));
    const kind = isNewProvider(path, old) ? 'changes' : kindOf(path);
    return [{ kind, where: path, what: words(was, is), position }];
  });
}

function byPath(values: readonly WrittenValue[]): ReadonlyMap<string, WrittenValue> {
  const relevant = values.filter(({ path }) => !NOT_HERE.test(path));
  return new Map(relevant.map((value) => [commonPath(value.path), value]));
}

/** The short form of a list and the long one say the same. */
function commonPath(path: string): string {
  return path === 'gateway.trustedProxies.from' ? 'gateway.trustedProxies' : path;
}

/** Whom a provider lets in that was not there before is told at the places that ask it. */
function isNewProvider(path: string, old: ReadonlyMap<string, WrittenValue>): boolean {
  const provider = /^providers\.[^.[]+/.exec(path)?.[0];
  return provider !== undefined && !old.has(`${provider}.plugin`);
}

function kindOf(path: string): Change['kind'] {
  if (OPENING.has(path)) return 'opens';
  return path.startsWith('providers.') && !HARMLESS.test(path) ? 'opens' : 'changes';
}

function words(was: WrittenValue | undefined, is: WrittenValue | undefined): string {
  if (was === undefined) return `${is!.shown}, before: not set`;
  if (is === undefined) return `no longer set, before: ${was.shown}`;
  return is.isSecret || was.isSecret ? 'another secret' : `${is.shown}, before: ${was.shown}`;
}

function placeOf(was: WrittenValue | undefined, is: WrittenValue | undefined): SourcePosition {
  return (is ?? was)!.position;
}

import type { WrittenValue } from '../../policy/source/written.ts';
import { allowDifferences, denyDifferences } from './address-differences.ts';
import type { Difference } from './change.ts';

interface ListKind {
  readonly path: RegExp;
  readonly more: Difference['kind'];
  readonly words: readonly [more: string, less: string];
}

/** Lists of addresses outside of the routes: an entry more is not a change of a text, it is somebody who may. */
const LISTS: readonly ListKind[] = [
  {
    path: /^gateway\.trustedProxies(\.from)?$/,
    more: 'opens',
    words: ['believes', 'no longer believes'],
  },
  {
    path: /^gateway\.listen\.proxyProtocol\.from$/,
    more: 'opens',
    words: ['takes the client from the PROXY protocol of', 'no longer reads the PROXY protocol of'],
  },
  {
    path: /^gateway\.listen\.plain\.from$/,
    more: 'opens',
    words: ['takes requests without TLS from', 'no longer takes requests without TLS from'],
  },
];

const ALLOWED = /^gateway\.from\.allow$/;
const DENIED = /^gateway\.from\.deny$/;

/** Undefined: no list of addresses. */
export function addressChanges(
  path: string,
  was: WrittenValue | undefined,
  is: WrittenValue | undefined,
): readonly Difference[] | undefined {
  if (ALLOWED.test(path)) return allowDifferences(listOf(was), listOf(is));
  if (DENIED.test(path)) return denyDifferences(listOf(was), listOf(is));
  const kind = LISTS.find((each) => each.path.test(path));
  if (kind === undefined) return undefined;
  const [old, now] = [entriesOf(was), entriesOf(is)];
  const less = kind.more === 'opens' ? 'closes' : 'opens';
  return [
    ...now
      .filter((each) => !old.includes(each))
      .map((each) => said(kind.more, kind.words[0], each)),
    ...old.filter((each) => !now.includes(each)).map((each) => said(less, kind.words[1], each)),
  ];
}

function listOf(value: WrittenValue | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : entriesOf(value);
}

function entriesOf(value: WrittenValue | undefined): readonly string[] {
  return value === undefined ? [] : value.shown.split(', ');
}

function said(kind: Difference['kind'], words: string, entry: string): Difference {
  return { kind, what: `${words} ${entry}` };
}

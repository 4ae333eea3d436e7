/** A path below `/.fairlead`: ours on every host, and never a service's. */
export interface OwnPath {
  /** The first segment: a provider, or a page of the core. Empty for `/.fairlead` itself. */
  readonly owner: string;
  /** What follows it, without a slash in front. */
  readonly rest: string;
}

const OWN = '/.fairlead';

/** Undefined for every other path. `path` must be normalised, so there is one spelling. */
export function ownPath(path: string): OwnPath | undefined {
  if (!path.startsWith(OWN)) return undefined;
  if (path.length > OWN.length && path[OWN.length] !== '/') return undefined;
  const below = path.slice(OWN.length + 1);
  const slash = below.indexOf('/');
  if (slash === -1) return { owner: below, rest: '' };
  return { owner: below.slice(0, slash), rest: below.slice(slash + 1) };
}

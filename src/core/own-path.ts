/** Everything below it is the gateway's on every host, and never a service's. */
const OWN = '/.fairlead';

/** A path below `/.fairlead`. */
export interface OwnPath {
  /** The first segment: a provider, or a page of the core. Empty for `/.fairlead` itself. */
  readonly owner: string;
  /** What follows it, without a slash in front. */
  readonly rest: string;
}

/** True for `/.fairlead` and all below it. `path` must be normalised, so there is one spelling. */
export function isOwnPath(path: string): boolean {
  return path.startsWith(OWN) && (path.length === OWN.length || path[OWN.length] === '/');
}

/** Undefined for every other path. `path` must be normalised. */
export function ownPath(path: string): OwnPath | undefined {
  if (!isOwnPath(path)) return undefined;
  const below = path.slice(OWN.length + 1);
  const slash = below.indexOf('/');
  if (slash === -1) return { owner: below, rest: '' };
  return { owner: below.slice(0, slash), rest: below.slice(slash + 1) };
}

/** The path of a page of the core, or of an endpoint: `/.fairlead/corp/login` of `corp`, `login`. */
export function pathTo(owner: string, endpoint?: string): string {
  return endpoint === undefined ? `${OWN}/${owner}` : `${OWN}/${owner}/${endpoint}`;
}

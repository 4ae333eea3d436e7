import type { AddressRule } from './address-rule.ts';
import type { SourcePosition } from './position.ts';
import type { Rule } from './rule.ts';

export interface RouteTable {
  /** Exact host, lower case → its rules, in the order of precedence. */
  readonly exact: ReadonlyMap<string, HostRules>;
  /** Longest suffix first. */
  readonly wildcards: readonly WildcardHost[];
  /**
   * Every field name that any rule sets, folded (`foldFieldName`): deleted from every request, whatever
   * its route.
   */
  readonly guardedNames: ReadonlySet<string>;
}

export interface HostRules {
  readonly host: string;
  /**
   * In the order of precedence: by path, and of one path the ones that want more of a request first. Empty for a
   * passthrough host: no request of HTTP has a rule there.
   */
  readonly rules: readonly Rule[];
  readonly passthrough?: PassthroughRoute | undefined;
}

export interface WildcardHost extends HostRules {
  /** `.example.com` */
  readonly suffix: string;
  /** `*.` is one label, `**.` any number. */
  readonly labels: 'one' | 'any';
}

/** A host whose TLS connections go to the application untouched. */
export interface PassthroughRoute {
  /** The route's name in the policy. */
  readonly route: string;
  readonly service: string;
  /** Clients by address; undefined: all. */
  readonly from: readonly AddressRule[] | undefined;
  /** Connections at the same time; undefined: as many as the listener takes. */
  readonly connections: number | undefined;
  /** Octets per second of each direction of a connection; undefined: as fast as both ends are. */
  readonly bandwidth: number | undefined;
  readonly position: SourcePosition;
}

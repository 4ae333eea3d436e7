import type { EffectiveRule } from '../rules/effective-rule.ts';
import { narrowingOf, overlap, weightOf } from '../rules/narrowing.ts';
import type { Narrowing } from '../rules/narrowing.ts';
import type { Findings } from '../issues/issue.ts';
import { placeText } from '../issues/issue.ts';
import type { Path, Span } from '../source/source.ts';

/** A host of a route, and where it is written. */
export interface ClaimedHost {
  readonly route: string;
  /** In normal form. */
  readonly text: string;
  readonly path: Path;
  readonly at: Span;
}

interface Claim {
  readonly host: ClaimedHost;
  readonly narrowing: Narrowing;
}

interface HostClaims {
  readonly first: ClaimedHost;
  /** A passthrough route has it. */
  isWhole: boolean;
  readonly byPath: Map<string, Claim[]>;
}

/**
 * Which rules of the set have which requests. Two of them for the same requests are accepted silently by other
 * gateways, and one of them is dead: here that is an error (E303).
 */
export class Claims {
  readonly #hosts = new Map<string, HostClaims>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** For a passthrough route: no request of the host is read. */
  takeWhole(host: ClaimedHost): void {
    const own = this.#hosts.get(host.text);
    if (own !== undefined) return this.#reportWhole(own.first, host);
    this.#hosts.set(host.text, { first: host, isWhole: true, byPath: new Map() });
  }

  /** For one rule of a route. */
  take(host: ClaimedHost, rule: EffectiveRule): void {
    const claims = this.#claimsOf(host);
    if (claims.isWhole) return this.#reportWhole(claims.first, host);
    const narrowing = narrowingOf(rule);
    const claim = { host, narrowing };
    const others = claims.byPath.get(rule.path);
    if (others === undefined) return void claims.byPath.set(rule.path, [claim]);
    const same = others.find((other) => isTie(other.narrowing, narrowing));
    if (same !== undefined) this.#reportSame(same, claim, rule.path);
    others.push(claim);
  }

  #claimsOf(host: ClaimedHost): HostClaims {
    let claims = this.#hosts.get(host.text);
    if (claims === undefined) {
      claims = { first: host, isWhole: false, byPath: new Map() };
      this.#hosts.set(host.text, claims);
    }
    return claims;
  }

  #reportSame(first: Claim, { host, narrowing }: Claim, pattern: string): void {
    const which = weightOf(narrowing) === 0 ? '' : requestsText(first.narrowing, narrowing);
    const message = `${whose(host, first.host)} both claim ${which}${host.text}, path ${pattern}; the other is at ${placeText(first.host.at)}`;
    const hint =
      first.host.route === host.route
        ? undefined
        : 'tell them apart by paths (a route without "service" takes its paths alone), "methods" or "matchHeaders"';
    const { path, at } = host;
    this.#findings.add({ code: 'E303', message, hint, path, at });
  }

  #reportWhole(first: ClaimedHost, host: ClaimedHost): void {
    const { path, at } = host;
    const message = `${whose(host, first)} both claim ${host.text}; the other is at ${placeText(first.at)}`;
    const hint = 'a passthrough host is taken whole: no other route can have it';
    this.#findings.add({ code: 'E303', message, hint, path, at });
  }
}

/** Some request is for both, and neither wants more of it than the other. */
function isTie(a: Narrowing, b: Narrowing): boolean {
  return weightOf(a) === weightOf(b) && overlap(a, b);
}

function whose(host: ClaimedHost, first: ClaimedHost): string {
  const other = first.route === host.route ? 'this route' : `routes.${first.route}`;
  return `routes.${host.route} and ${other}`;
}

/** The methods that both take, where they name some. */
function requestsText(first: Narrowing, second: Narrowing): string {
  const [a, b] = [first.methods, second.methods];
  const common = [...(a ?? b ?? [])].filter((each) => b?.has(each) !== false);
  return common.length === 0 ? 'requests of ' : `${common.join(', ')} of `;
}

import { domainToASCII } from 'node:url';
import { isIP } from 'node:net';

/** A host of a route, in the one normal form that requests are matched in. */
export type HostPattern =
  | { readonly kind: 'exact'; readonly host: string }
  | {
      readonly kind: 'wildcard';
      /** As written, lower case. */
      readonly host: string;
      /** `.example.com` */
      readonly suffix: string;
      readonly labels: 'one' | 'any';
    };

export type Parsed<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'wrong'; readonly reason: string; readonly hint?: string };

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** `app.example.com`, `*.example.com` (exactly one label) or `**.example.com` (any number). */
export function parseHost(text: string): Parsed<HostPattern> {
  const host = text.toLowerCase().replace(/\.$/, '');
  const prefix = /^\*{1,2}\./.exec(host)?.[0] ?? '';
  const rest = host.slice(prefix.length);
  const trouble = troubleOf(host, rest, prefix !== '');
  if (trouble !== undefined) return trouble;
  if (prefix === '') return { kind: 'ok', value: { kind: 'exact', host } };
  const labels = prefix === '*.' ? 'one' : 'any';
  return { kind: 'ok', value: { kind: 'wildcard', host, suffix: `.${rest}`, labels } };
}

function troubleOf(host: string, rest: string, isWildcard: boolean): Parsed<never> | undefined {
  if (/^https?:\/\//.test(host)) return wrong('has a scheme; write the host alone');
  if (/[^\u0020-\u007e]/.test(host)) {
    const ascii = domainToASCII(host);
    return wrong('is not ASCII', ascii === '' ? undefined : `write it as "${ascii}"`);
  }
  // IPv6 literals stand in brackets, as they do in the Host field (RFC 9110 7.2).
  const address = /^\[(.+)\]$/.exec(rest)?.[1];
  if (address !== undefined && isIP(address) === 6 && !isWildcard) return undefined;
  if (/^[^:]+:\d+$/.test(rest)) return wrong('has a port; write the host alone');
  if (rest.includes('*')) {
    return wrong('has "*" in a place of its own; only "*." or "**." in front is allowed');
  }
  const labels = rest.split('.');
  if (rest.length > 253 || !labels.every((label) => LABEL.test(label))) {
    return wrong('is not a host name');
  }
  return undefined;
}

function wrong(reason: string, hint?: string): Parsed<never> {
  return hint === undefined ? { kind: 'wrong', reason } : { kind: 'wrong', reason, hint };
}

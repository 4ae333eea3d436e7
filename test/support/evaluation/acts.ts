import * as fc from 'fast-check';
import { ORIGINS } from './policies.ts';
import { PRESENTED } from './tokens.ts';

/** One request, by a client at this address. Hosts and paths are few, so that they meet the policies'. */
export interface Asking {
  readonly kind: 'ask';
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly token: string;
  readonly fields: readonly string[];
  readonly bodyBytes: number;
  readonly upgrade: boolean;
  readonly address: string;
  /** The application does not answer: its place in flight stays taken. */
  readonly isHeld: boolean;
}

/** Requests, and time that passes between them. */
export type Act =
  Asking | { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'answer' };

const asking: fc.Arbitrary<Asking> = fc
  .record({
    kind: fc.constant('ask' as const),
    method: fc.constantFrom('GET', 'GET', 'POST', 'OPTIONS', 'DELETE'),
    host: fc.constantFrom(
      'app.example.test',
      'app.example.test',
      'x.wild.example.test',
      'y.wild.example.test',
      'other.example.test',
      'nobody.example.test',
    ),
    target: fc.constantFrom(
      '/',
      '/a',
      '/a/b?c=d',
      '/a/b/c',
      '/b/c',
      '/b/../a',
      '/a%2Fb',
      '//a',
      '/%zz',
      '/.fairlead/none',
    ),
    token: fc.constantFrom(...PRESENTED),
    fields: fc.constantFrom(
      [],
      [],
      ['origin', ORIGINS[0]!],
      ['origin', ORIGINS[1]!, 'access-control-request-method', 'PUT'],
      ['origin', 'https://evil.example.test', 'sec-fetch-site', 'cross-site'],
      ['accept', 'text/html', 'sec-fetch-mode', 'navigate'],
      ['x-canary', '1', 'x-beside', 'any'],
      ['x-canary', '1'],
      ['x-canary', '1', 'x-canary', '2'],
      ['origin', ORIGINS[0]!, 'access-control-request-method', 'DELETE', 'x-canary', '1'],
    ),
    bodyBytes: fc.constantFrom(0, 0, 10, 11, 2000),
    upgrade: fc.constantFrom(false, false, false, false, true),
    address: fc.constantFrom(
      '192.0.2.1',
      '192.0.2.1',
      '192.0.2.2',
      '2001:db8::1',
      '2001:db8:0:1::2',
    ),
    isHeld: fc.boolean(),
  })
  .map((each) => (each.upgrade ? { ...each, method: 'GET', bodyBytes: 0 } : each));

export const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: asking },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(100, 600, 20_000, 100_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'answer' as const }) },
  ),
  { minLength: 60, maxLength: 100, size: 'max' },
);

export const askings = fc.array(asking, { minLength: 10, maxLength: 10 });

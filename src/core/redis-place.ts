import type { Secret } from './secret.ts';

/** Where a Redis is: one server, a cluster, or one master that Sentinel knows. URLs are redis:// or rediss://, all alike. */
export type RedisPlace =
  | { readonly kind: 'single'; readonly url: Secret }
  | { readonly kind: 'cluster'; readonly urls: readonly Secret[] }
  | {
      readonly kind: 'sentinel';
      /** As Sentinel calls it. */
      readonly master: string;
      /** Of Sentinels. */
      readonly urls: readonly Secret[];
      /** Of Sentinels; undefined: they ask for none. */
      readonly password: Secret | undefined;
    };

import type { CorsInput } from '../schema/schema.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { CorsPolicy } from '../snapshot/snapshot.ts';

/** Fetch 4.8: methods that need no leave. */
const CORS_METHODS = ['GET', 'HEAD', 'POST'];

export function compileCors(input: CorsInput | undefined): CorsPolicy | undefined {
  if (input === undefined) return undefined;
  return {
    origins: new Set(input.origins),
    methods: [...new Set([...CORS_METHODS, ...(input.methods ?? [])])],
    headers: input.headers ?? [],
    credentials: input.credentials ?? DEFAULTS.corsCredentials,
    maxAgeMs: input.maxAge ?? DEFAULTS.corsMaxAgeMs,
  };
}

import type { Identity, Json } from '../../plugin/contract.ts';
import { pluginError } from '../../plugin/host/host.ts';
import type { Provider, ProviderSet } from '../../plugin/host/host.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** What a provider finds in a described request. */
export interface Proof {
  readonly provider: string;
  /** Taken for verified. Undefined: the credential is rejected. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  readonly acr?: string | undefined;
  /** When the person logged in. */
  readonly authenticatedAtMs: number;
}

/**
 * A provider that says what an operator gave as a proof, so that a policy can be asked what it would do for
 * somebody. It never stands in front of live traffic.
 */
export function describedProvider(proof: Proof): Provider {
  return {
    name: proof.provider,
    authenticate: () =>
      proof.claims === undefined
        ? { kind: 'deny', status: 401, reason: namedReason('explain.rejected') }
        : { kind: 'identity', identity: identityOf(proof, proof.claims) },
    challenge: () => undefined,
    endpoints: () => [],
    serve: () => pluginError('explain.no_endpoint'),
  };
}

/** Each of these providers, with the same claims. */
export function describedProviders(
  names: Iterable<string>,
  claims: Readonly<Record<string, unknown>>,
  nowMs: number,
): ProviderSet {
  const authenticatedAtMs =
    typeof claims['auth_time'] === 'number' ? claims['auth_time'] * 1000 : nowMs;
  return new Map(
    Array.from(names, (provider) => [
      provider,
      describedProvider({ provider, claims, authenticatedAtMs }),
    ]),
  );
}

function identityOf(
  { provider, acr, authenticatedAtMs }: Proof,
  claims: Readonly<Record<string, unknown>>,
): Identity {
  const assurance = acr ?? textOf(claims['acr']);
  return {
    subject: textOf(claims['sub']) ?? 'described',
    issuer: textOf(claims['iss']) ?? provider,
    claims: claims as Readonly<Record<string, Json>>,
    method: provider,
    authenticatedAt: authenticatedAtMs,
    ...(assurance !== undefined && { assurance }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

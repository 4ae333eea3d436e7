import type { Duplex } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { AddressChoice } from './address-choice.ts';
import { withoutConsumers } from './addressed-upstream.ts';

type Open = (service: ServicePolicy, signal: AbortSignal) => Promise<Duplex>;

/** Passthrough to a service with several routing keys: one of them, and another once when that one refuses. */
export function openOneOf(choice: AddressChoice, open: Open): Open {
  return async (service, signal) => {
    if (service.addresses === undefined) return open(service, signal);
    const first = choice.choose(service, {});
    if (first === undefined) throw withoutConsumers(service);
    try {
      return await open(first, signal);
    } catch (error) {
      const second = choice.choose(service, { without: new Set([first]) });
      if (second === undefined || signal.aborted || !isRetryable(error)) throw error;
      return open(second, signal);
    }
  };
}

function isRetryable(error: unknown): boolean {
  return error instanceof GatewayError && error.retryable;
}

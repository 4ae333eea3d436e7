/** Where a listener should have been, as the policy has it. */
interface WantedAddress {
  /** Undefined: all addresses. */
  readonly address: string | undefined;
  readonly port: number;
}

/** Why a port cannot be bound: the address, and the key of the policy to change. */
export function bindMessage(
  address: WantedAddress,
  policyKey: string,
  cause: NodeJS.ErrnoException,
): string {
  const place = `${address.address ?? 'all addresses'}, port ${address.port}`;
  const advice = BIND_ADVICE[cause.code ?? '']?.(policyKey) ?? `${cause.message}; see ${policyKey}`;
  return `cannot listen on ${place}: ${advice}`;
}

const BIND_ADVICE: Readonly<Record<string, (policyKey: string) => string>> = {
  EADDRINUSE: (key) =>
    `another program uses it; stop that, or change ${key} (port 0 picks a free one)`,
  EACCES: (key) => `not permitted; change ${key} to a port above 1023, or allow this one`,
  EADDRNOTAVAIL: (key) => `this machine has no such address; change ${key}`,
};

import { identityFault } from '../plugin/host/host.ts';
import type { Identity } from '../plugin/contract.ts';

/** A session of such an identity would make each of its requests a failure of the plugin that opened it. */
class MalformedIdentity extends Error {
  override readonly name = 'MalformedIdentity';
  readonly code = 'malformed_identity';
}

/** The identity itself; throws what a provider sent that no authenticator may give. The message quotes no value. */
export function wellFormed(identity: Identity): Identity {
  const fault = identityFault(identity);
  if (fault !== undefined) throw new MalformedIdentity(fault);
  return identity;
}

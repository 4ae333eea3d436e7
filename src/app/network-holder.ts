import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { SkupperNetwork } from '../network/network.ts';
import { RouterNetwork } from '../network/skupper-network.ts';
import type { NetworkPolicy } from '../policy/snapshot.ts';
import type { Log } from '../record/log.ts';

export interface NetworkHolderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
}

/** The network that serves now, and those that a reload replaced while their lanes finish. */
export class NetworkHolder {
  readonly #parts: NetworkHolderParts;
  #policy: NetworkPolicy | undefined;
  #current: SkupperNetwork | undefined;
  #retiring: Promise<void> = Promise.resolve();

  constructor(parts: NetworkHolderParts) {
    this.#parts = parts;
  }

  /** Undefined: the policy names no network. */
  get current(): SkupperNetwork | undefined {
    return this.#current;
  }

  /** Same policy: same network. Else a new one connects, and the old one's lanes are given up. */
  apply(policy: NetworkPolicy | undefined): void {
    if (isSame(policy, this.#policy)) return;
    const replaced = this.#current;
    this.#policy = policy;
    this.#current = policy === undefined ? undefined : this.#create(policy);
    if (replaced !== undefined) {
      this.#retiring = Promise.all([this.#retiring, replaced.close()]).then(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#current?.close(), this.#retiring]);
    this.#current = undefined;
    this.#policy = undefined;
  }

  #create(policy: NetworkPolicy): SkupperNetwork {
    const { clock, log, version } = this.#parts;
    const network = new RouterNetwork({
      policy,
      clock,
      version,
      random: Math.random,
      log: (message) => log.info(message),
      containerId: `fairlead-${randomBytes(6).toString('hex')}`,
    });
    network.start();
    return network;
  }
}

/** Keys print as redacted, but a new key comes with a new certificate. */
function isSame(a: NetworkPolicy | undefined, b: NetworkPolicy | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

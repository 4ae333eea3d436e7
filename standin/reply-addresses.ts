import { randomBytes } from 'node:crypto';
import type { ReplyLink } from './reply-link.ts';

/** The dynamic addresses of one stand-in: `amqp:/_topo/0/<router id>/temp.<15 characters>`. */
export class ReplyAddresses {
  readonly #prefix: string;
  readonly #links = new Map<string, ReplyLink>();

  constructor(routerId: string) {
    this.#prefix = `amqp:/_topo/0/${routerId}/temp.`;
  }

  /** A new address that leads to the link until `forget`. */
  assign(link: ReplyLink): string {
    const address = this.#prefix + randomBytes(12).toString('base64url').slice(0, 15);
    this.#links.set(address, link);
    return address;
  }

  find(address: string): ReplyLink | undefined {
    return this.#links.get(address);
  }

  forget(address: string): void {
    this.#links.delete(address);
  }
}

import type { GatewayError } from '../core/errors.ts';
import type { PassthroughClient, PassthroughHandler } from '../core/passthrough.ts';
import { PassthroughConnection } from './passthrough-connection.ts';
import type { PassthroughParts } from './passthrough-connection.ts';

/**
 * The path of a connection that is not terminated here:
 *
 *   accept → tls (ClientHello only) → route → limit → forward → record
 *
 * Nobody is authenticated and nothing is answered: a refusal or a fault closes the connection.
 */
export class Passthrough implements PassthroughHandler {
  readonly #parts: PassthroughParts;
  readonly #open = new Set<PassthroughConnection>();

  constructor(parts: PassthroughParts) {
    this.#parts = parts;
  }

  /** Connections now open or being connected. */
  get openCount(): number {
    return this.#open.size;
  }

  passThrough(client: PassthroughClient): void {
    const connection = new PassthroughConnection(client, this.#parts, () =>
      this.#open.delete(connection),
    );
    this.#open.add(connection);
    connection.start();
  }

  /** The drain limit is reached; until then nothing could tell these clients to go. */
  abortAll(error: GatewayError): void {
    for (const connection of this.#open) connection.abort(error);
  }
}

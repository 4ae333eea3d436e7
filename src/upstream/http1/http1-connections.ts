import type { Pool } from 'undici';
import { DEADLINES } from '../../core/deadlines.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import { createPool } from './connection-pool.ts';
import type { OpenConnection } from './connection-pool.ts';
import type { ConnectionReports } from '../connection-reports.ts';
import { DispatchHandler } from './dispatch-handler.ts';
import { RequestBody } from './request-body.ts';
import type { ServiceConnections } from '../service-connections.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';

export interface Http1Parts {
  readonly service: ServicePolicy;
  readonly open: OpenConnection;
  readonly reports: ConnectionReports;
}

/** HTTP/1.1 through undici. With `balance: request` no connection is used twice. */
export class Http1Connections implements ServiceConnections {
  readonly #pool: Pool;
  readonly #isFresh: boolean;

  constructor({ service, open, reports }: Http1Parts) {
    this.#pool = createPool({
      service,
      open,
      reports,
      keepAliveMs: DEADLINES.upstreamKeepAliveMs,
    });
    this.#isFresh = service.balance === 'request';
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall {
    const body =
      request.body.length === 0
        ? undefined
        : new RequestBody(request.body, () => receiver.progress());
    const { method, target } = request;
    const handler = new DispatchHandler({ receiver, method, body, release });
    const headers = request.headers as string[];
    this.#pool.dispatch(
      { path: target, method, headers, body: body ?? null, reset: this.#isFresh },
      handler,
    );
    return handler;
  }

  close(): Promise<void> {
    // undici rejects when the pool was destroyed before, and then there is nothing to wait for.
    return this.#pool.close().catch(() => {});
  }

  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}

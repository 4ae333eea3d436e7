import { GatewayError } from '../core/errors.ts';
import type { SkupperNetwork } from '../network/network.ts';
import { connectTcpListener } from '../network/tcp-listener.ts';
import type { OpenConnection } from './connection-pool.ts';

/** `network` gives the one that serves now; undefined when the policy names none. */
export function createOpenConnection(network: () => SkupperNetwork | undefined): OpenConnection {
  return (service) => {
    const { via, timeout } = service;
    if (via.kind === 'tcp') {
      return connectTcpListener({ ...via, connectMs: timeout.connectMs });
    }
    const current = network();
    if (current === undefined) return Promise.reject(noNetwork(service.name));
    // HTTP/1: an end of the application's half ends ours, and a reset must not pass for an end.
    return current.connect(service.address, { allowHalfOpen: false });
  };
}

function noNetwork(service: string): GatewayError {
  return new GatewayError('network_unavailable', {
    detail: `service ${service} is reached through the network, and the policy has no network.link`,
  });
}

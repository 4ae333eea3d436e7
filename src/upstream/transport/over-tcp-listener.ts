import { connectTcpListener } from '../../network/tcp-listener.ts';
import type { ServiceVia } from '../../policy/snapshot/snapshot.ts';
import type { Transport } from './transport-kind.ts';

type TcpVia = Extract<ServiceVia, { kind: 'tcp' }>;

/** A router's own tcpListener; `tls` is with the router. */
export const overTcpListener: Transport<TcpVia> = {
  needsNetwork: false,

  open: ({ service, via }, { clock }) =>
    connectTcpListener({ ...via, connectMs: service.timeout.connectMs, clock }),

  openUntouched: ({ service, via }, { clock }, signal) => {
    const { connectMs } = service.timeout;
    return connectTcpListener({ ...via, connectMs, clock, signal, allowHalfOpen: true });
  },

  describe: ({ via }) => `tcpListener ${via.host}:${via.port}`,

  isPlain: ({ via }) => via.tls === undefined,
};

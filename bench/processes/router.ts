import { startRouter } from '../../test/support/routers/router.ts';
import type { RunningRouter } from '../../test/support/routers/router.ts';
import { answerRequests } from '../answer-requests.ts';

export interface RouterStart {
  /** Of the application, on the loopback. */
  readonly backendPort: number;
  readonly routingKey: string;
}

/** The router's side of the network; all certificates are thrown away after the run. */
export interface RouterPlace {
  readonly kind: RunningRouter['kind'];
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Of the AMQP listener, with mutual TLS. */
  readonly amqpPort: number;
  /** Of the tcpListener, with mutual TLS. */
  readonly tcpPort: number;
  /** Of the tcpListener without TLS. */
  readonly plainTcpPort: number;
}

let router: RunningRouter | undefined;

answerRequests(
  {
    async start({ backendPort, routingKey }: RouterStart): Promise<RouterPlace> {
      router = await startRouter({
        connectors: { [routingKey]: { host: '127.0.0.1', port: backendPort } },
        tcpListeners: [routingKey],
        plainTcpListeners: [routingKey],
      });
      const { ca, cert, key, port } = router.link;
      const tcpPort = router.tcpPort(routingKey);
      const plainTcpPort = router.plainTcpPort(routingKey);
      return { kind: router.kind, ca, cert, key, amqpPort: port, tcpPort, plainTcpPort };
    },
    /** What the gateway did against the wire contract, which only the stand-in notes. */
    violations: () =>
      router?.standin?.violations.map(({ kind, detail }) => `${kind}: ${detail}`) ?? [],
  },
  () => router?.stop(),
);

// Real routers are processes of their own: they must not stay behind.
process.once('SIGTERM', () => process.disconnect!());

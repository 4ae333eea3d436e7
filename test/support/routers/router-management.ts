import rhea from 'rhea';

/** Creates an entity by the management protocol of a router (AMQP Management, request and response). */
export async function createEntity(
  port: number,
  type: string,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  await request(port, { operation: 'CREATE', type, name }, { ...attributes, name });
}

export async function deleteEntity(port: number, type: string, name: string): Promise<void> {
  await request(port, { operation: 'DELETE', type, name }, {});
}

interface Operation {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
}

/** Rejects with the router's words when the status is not 2xx; rhea connects again until it can. */
function request(port: number, operation: Operation, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = rhea.create_container().connect({
      host: '127.0.0.1',
      port,
      username: 'anonymous',
      initial_reconnect_delay: 50,
      max_reconnect_delay: 200,
      // A router that has only just begun to listen offers no SASL mechanism yet: try again.
      non_fatal_errors: ['amqp:connection:forced', 'amqp:unauthorized-access'],
    });
    connection.on('connection_error', () => undefined);
    // rhea prints each refused attempt when nobody listens.
    connection.on('disconnected', () => undefined);
    const sender = connection.open_sender('$management');
    const receiver = connection.open_receiver({ source: DYNAMIC });
    const limit = setTimeout(() => finish(new Error('no answer of the router in 20 s')), 20_000);
    receiver.once('receiver_open', () => {
      sender.send({
        reply_to: receiver.source.address,
        correlation_id: 1,
        application_properties: { ...operation, type: `io.skupper.router.${operation.type}` },
        body,
      });
    });
    receiver.once('message', ({ message }) => finish(refusalOf(message)));
    function finish(error: Error | undefined): void {
      clearTimeout(limit);
      connection.close();
      if (error === undefined) resolve();
      else reject(error);
    }
  });
}

function refusalOf(message: rhea.Message | undefined): Error | undefined {
  const { statusCode, statusDescription } = message?.application_properties ?? {};
  if (statusCode >= 200 && statusCode < 300) return undefined;
  return new Error(`management: ${statusCode} ${statusDescription}`);
}

// rhea's types demand an address beside `dynamic`, which AMQP 3.5.3 forbids.
const DYNAMIC = { dynamic: true } as unknown as rhea.Source;

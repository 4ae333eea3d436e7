import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { TestGateway } from '../gateway/gateway.ts';

/** A message of the tests; as JSON, so that no protocol compiler is needed. */
export interface Message {
  readonly text: string;
}

const serialize = (message: Message): Buffer => Buffer.from(JSON.stringify(message));
const deserialize = (octets: Buffer): Message => JSON.parse(octets.toString()) as Message;

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

export const ECHO = {
  unary: method('Unary', false, false),
  download: method('Download', false, true),
  upload: method('Upload', true, false),
  chat: method('Chat', true, true),
};

/** A gRPC application that knows nothing of the gateway. */
export async function startGrpcApplication() {
  const server = new Server({ 'grpc.max_concurrent_streams': 10 });
  const seen = { cancelled: 0, metadata: [] as Metadata[], peers: new Set<string>() };
  server.addService(ECHO, {
    unary(call: ServerUnaryCall<Message, Message>, answer: sendUnaryData<Message>) {
      seen.metadata.push(call.metadata);
      seen.peers.add(call.getPeer());
      const { text } = call.request;
      if (text === 'never') return void call.on('cancelled', () => (seen.cancelled += 1));
      const trailer = new Metadata();
      trailer.set('x-trailer', 'kept');
      trailer.set('fairlead-decision', 'forged');
      if (text !== 'fail') return answer(null, { text }, trailer);
      answer({ code: status.NOT_FOUND, details: 'no such thing', metadata: trailer });
    },
    download(call: ServerWritableStream<Message, Message>) {
      call.on('cancelled', () => (seen.cancelled += 1));
      for (let i = 0; i < 5; i += 1) call.write({ text: `${call.request.text} ${i}` });
      if (call.request.text !== 'endless') call.end();
    },
    upload(call: ServerReadableStream<Message, Message>, answer: sendUnaryData<Message>) {
      const texts: string[] = [];
      call.on('data', ({ text }: Message) => texts.push(text));
      call.on('end', () => answer(null, { text: texts.join(' ') }));
    },
    chat(call: ServerDuplexStream<Message, Message>) {
      call.on('data', (message: Message) => call.write(message));
      call.on('end', () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: { host: '127.0.0.1', port },
    seen,
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** A client of its own connection; close it at the end. */
export function grpcTo(gateway: TestGateway): Client {
  return new Client(
    `127.0.0.1:${gateway.port}`,
    credentials.createSsl(Buffer.from(gateway.caPem)),
    {
      'grpc.ssl_target_name_override': 'app.example.test',
      'grpc.default_authority': 'app.example.test',
      'grpc.use_local_subchannel_pool': 1,
    },
  );
}

export function callUnary(
  client: Client,
  text: string,
  options: { readonly deadline?: number; readonly metadata?: Metadata } = {},
) {
  const { path, requestSerialize, responseDeserialize } = ECHO.unary;
  const { metadata = new Metadata(), ...rest } = options;
  const { promise, resolve, reject } = Promise.withResolvers<{
    message: Message;
    trailer: Metadata;
  }>();
  let message: Message | undefined;
  const call = client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    { text },
    metadata,
    rest,
    (error, value) => {
      if (error) reject(error);
      message = value;
    },
  );
  call.on('status', ({ metadata: trailer }) => message && resolve({ message, trailer }));
  return { answer: promise, cancel: () => call.cancel() };
}

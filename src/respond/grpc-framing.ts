import type { Framing } from './frame-boundary.ts';

const PREFIX = 5;
const COMPRESSED = 1;

/** gRPC over HTTP/2, Length-Prefixed-Message: a flag, and a length of four octets. */
export const GRPC_FRAMING: Framing = {
  maxHeader: PREFIX,
  headerOctets: () => PREFIX,
  payloadOctets(header) {
    if (header[0]! > COMPRESSED) return undefined;
    return new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(1);
  },
};

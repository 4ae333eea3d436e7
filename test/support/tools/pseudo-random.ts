import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { Readable, Transform, Writable } from 'node:stream';

const CHUNK_BYTES = 64 * 1024;

/** `bytes` octets that look random and are the same for the same seed; never all in memory. */
export function pseudoRandom(seed: number, bytes: number): Readable {
  const key = createHash('sha256').update(`seed ${seed}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  let left = bytes;
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      if (left === 0) {
        this.push(null);
        return;
      }
      const length = Math.min(left, CHUNK_BYTES);
      left -= length;
      this.push(cipher.update(zeros.subarray(0, length)));
    },
  });
}

/** The digest that a receiver of `pseudoRandom` must get. */
export async function pseudoRandomDigest(seed: number, bytes: number): Promise<string> {
  return (await digestOf(pseudoRandom(seed, bytes))).sha256;
}

export interface Digest {
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads to the end as fast as octets come, keeping only their hash. */
export async function digestOf(stream: Readable): Promise<Digest> {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** A stream that lets octets through and knows their digest at the end. */
export function digesting(): { readonly through: Transform; digest(): Digest } {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      bytes += chunk.length;
      callback(null, chunk);
    },
  });
  return { through, digest: () => ({ sha256: hash.digest('hex'), bytes }) };
}

/** Takes at most `bytesPerSecond`, in ten steps a second. */
export function slowSink(bytesPerSecond: number, onBytes: (bytes: number) => void): Writable {
  const startedMs = performance.now();
  let taken = 0;
  return new Writable({
    highWaterMark: CHUNK_BYTES,
    write(chunk: Buffer, _encoding, callback) {
      taken += chunk.length;
      onBytes(chunk.length);
      const dueMs = startedMs + (taken / bytesPerSecond) * 1000;
      setTimeout(callback, Math.max(0, dueMs - performance.now()));
    },
  });
}

/** Gives at most `bytesPerSecond`. */
export async function* paced(source: Readable, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const startedMs = performance.now();
  let given = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk;
    given += chunk.length;
    const dueMs = startedMs + (given / bytesPerSecond) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One frame or protocol header of a recorded conversation with a real router. */
export interface RecordedLine {
  readonly file: string;
  readonly n: number;
  readonly direction: 'C>R' | 'R>C';
  readonly octets: Buffer;
  readonly summary: Readonly<Record<string, unknown>>;
}

const directory = join(import.meta.dirname, '../../../../fixtures/amqp');

/** Every line whose octets were kept whole. */
export function completeLines(): RecordedLine[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => linesOf(file));
}

function linesOf(file: string): RecordedLine[] {
  return readFileSync(join(directory, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.hex !== undefined && line.hex_truncated !== true)
    .map((line) => ({
      file,
      n: line.n,
      direction: line.dir,
      octets: Buffer.from(line.hex, 'hex'),
      summary: line.sum,
    }));
}

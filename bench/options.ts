import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly rounds: number;
  /** Of one measurement in one round. */
  readonly seconds: number;
  /** Parts of scenario names; empty: all scenarios. */
  readonly only: readonly string[];
  /** Of one bulk transfer. */
  readonly megabytes: number;
  /** The root of another checkout to compare with. */
  readonly beside?: string;
}

export const USAGE = `npm run bench -- [options]
  --rounds n      rounds over all scenarios, default 3
  --seconds n     of one measurement, default 2
  --only a,b      scenarios whose name contains one of these, such as
                  straight, tcp-listener, lane, 1c, 50c, 100B, 64KiB, new-stream, transfer;
                  session alone measures the look-up of a session
  --megabytes n   of one bulk transfer, default 100
  --beside dir    another checkout, installed; each measurement is made of both, one right after the other
`;

/** Throws with one sentence. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: '' },
      megabytes: { type: 'string', default: '100' },
      beside: { type: 'string' },
    },
  });
  return {
    rounds: Math.ceil(numberIn('rounds', values.rounds, { least: 1, most: 1_000 })),
    seconds: numberIn('seconds', values.seconds, { least: 0.1, most: 600 }),
    only: values.only.split(',').filter((part) => part !== ''),
    megabytes: numberIn('megabytes', values.megabytes, { least: 1, most: 10_000 }),
    ...(values.beside === undefined ? {} : { beside: checkoutAt(values.beside) }),
  };
}

function checkoutAt(directory: string): string {
  const root = resolve(directory);
  if (existsSync(join(root, 'src/main.ts')) && existsSync(join(root, 'node_modules')))
    return `${root}/`;
  throw new Error(`--beside must be a checkout after npm ci, found "${directory}"`);
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function numberIn(name: string, text: string, { least, most }: Range): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} must be a number from ${least} to ${most}, found "${text}"`);
}

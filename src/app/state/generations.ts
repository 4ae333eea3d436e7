import { z } from 'zod';
import type { LoadedSet } from '../load/load-policy-set.ts';
import type { StateFolder } from './state-folder.ts';

/** The operator's text of a policy, and which material it was served with: never a secret that a file holds. */
const GENERATION = z.object({
  generation: z.int().min(1),
  hash: z.string(),
  /** ISO 8601. */
  at: z.string(),
  files: z.array(z.object({ name: z.string(), text: z.string() })),
  /** SHA-256 by path: which certificates and secrets they were, not what is in them. */
  material: z.record(z.string(), z.string()),
});

export type KeptGeneration = Readonly<z.infer<typeof GENERATION>>;
export type GenerationFacts = Pick<KeptGeneration, 'generation' | 'hash' | 'at'>;

/** So many texts can be gone back to. */
const MOST = 10;
const PINNED = 'pinned.json';
const NAME = /^generation-(\d{10})\.json$/;

/** The last policies that were served, on disk, and which of them an operator went back to. */
export class Generations {
  readonly #folder: StateFolder;
  #kept: readonly KeptGeneration[];
  #pinned: number | undefined;

  private constructor(
    folder: StateFolder,
    kept: readonly KeptGeneration[],
    pinned: number | undefined,
  ) {
    this.#folder = folder;
    this.#kept = kept;
    this.#pinned = pinned;
  }

  /** Rejects when the generation that was gone back to is gone. */
  static async open(folder: StateFolder): Promise<Generations> {
    const names = (await folder.names()).filter((name) => NAME.test(name));
    const kept = await Promise.all(names.map((name) => generationIn(folder, name)));
    const pin = await folder.read(PINNED);
    const pinned = pin === undefined ? undefined : PIN.safeParse(jsonOf(pin)).data?.generation;
    const good = kept.filter((each) => each !== undefined);
    // Serving the files instead would undo what an operator did.
    if (pin !== undefined && !good.some(({ generation }) => generation === pinned)) {
      throw new Error(
        `${PINNED} names a generation that is not kept; delete it to serve the files`,
      );
    }
    return new Generations(folder, good, pinned);
  }

  /** The oldest first. */
  get list(): readonly GenerationFacts[] {
    return this.#kept.map(({ generation, hash, at }) => ({ generation, hash, at }));
  }

  /** The number for the first set of a process. */
  get next(): number {
    return (this.#kept.at(-1)?.generation ?? 0) + 1;
  }

  /** The generation that was gone back to. */
  get pinned(): number | undefined {
    return this.#pinned;
  }

  find(generation: number): KeptGeneration | undefined {
    return this.#kept.find((each) => each.generation === generation);
  }

  /** The newest one with another text than this. */
  before(hash: string | undefined): KeptGeneration | undefined {
    return this.#kept.findLast((each) => each.hash !== hash);
  }

  /** A text that is the newest one already only gets its new number: ten reloads must not push out what was before. */
  async keep(set: Extract<LoadedSet, { kind: 'ok' }>, nowMs: number): Promise<void> {
    const { generation, hash } = set.snapshot;
    const kept: KeptGeneration = {
      generation,
      hash,
      at: new Date(nowMs).toISOString(),
      files: set.texts.map(({ name, text }) => ({ name, text })),
      material: Object.fromEntries(set.digests),
    };
    await this.#folder.write(nameOf(generation), JSON.stringify(kept));
    const isRepeated = this.#kept.at(-1)?.hash === hash;
    const all = [...(isRepeated ? this.#kept.slice(0, -1) : this.#kept), kept];
    const last = all.slice(-MOST);
    const over = this.#kept.filter(
      (each) => !last.includes(each) && each.generation !== generation,
    );
    this.#kept = last;
    for (const each of over) await this.#folder.remove(nameOf(each.generation));
  }

  async pin(generation: number): Promise<void> {
    await this.#folder.write(PINNED, JSON.stringify({ generation }));
    this.#pinned = generation;
  }

  async release(): Promise<void> {
    if (this.#pinned === undefined) return;
    await this.#folder.remove(PINNED);
    this.#pinned = undefined;
  }
}

const PIN = z.object({ generation: z.int().min(1) });

/** A file that somebody else wrote, or that a disk lost, is not there. */
async function generationIn(
  folder: StateFolder,
  name: string,
): Promise<KeptGeneration | undefined> {
  return GENERATION.safeParse(jsonOf(await folder.read(name))).data;
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function nameOf(generation: number): string {
  return `generation-${String(generation).padStart(10, '0')}.json`;
}

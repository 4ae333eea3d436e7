/** What a process of the bench can be asked, by name; values cross as JSON. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

export interface Question {
  readonly id: number;
  readonly ask: string;
  readonly input: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/**
 * Answers the bench over the channel it opened, `cpu` (microseconds of this process so far) always. When
 * the bench is gone, `end` runs and the process exits: nothing outlives it.
 */
export function answerRequests(answers: Answers, end: () => unknown = () => {}): void {
  const all: Answers = { ...answers, cpu: cpuMicros };
  process.on('message', (question: Question) => void answer(all, question));
  process.on('disconnect', () => {
    void Promise.resolve(end()).finally(() => process.exit());
  });
}

/** User and system time of all threads of this process. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function answer(answers: Answers, { id, ask, input }: Question): Promise<void> {
  try {
    const found = answers[ask];
    if (found === undefined) throw new Error(`cannot be asked for "${ask}"`);
    reply({ id, value: await found(input as never) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function reply(answer: Answer): void {
  if (process.connected) process.send!(answer);
}

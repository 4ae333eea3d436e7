import type { Socket } from 'node:net';
import type { FrameRow, Row } from './recording.ts';
import { Transcript } from './transcript.ts';

/** What an application did in a recording, as its TCP connection saw it. */
export type BackendStep =
  /** Wait until this many octets of the request are here. */
  | { readonly kind: 'await'; readonly octets: number; readonly isEnded: boolean }
  | { readonly kind: 'send'; readonly octets: Buffer }
  | { readonly kind: 'end' };

/** The steps of each stream with a response, in the order the streams were opened. */
export function backendSteps(rows: readonly Row[]): readonly (readonly BackendStep[])[] {
  const client = new Transcript();
  const router = new Transcript();
  const streams = new Map<string, BackendStep[]>();
  for (const row of rows) {
    if (row.kind !== 'frame' || row.performative.kind.startsWith('sasl-')) continue;
    if (row.direction === 'C>R') client.frame(row);
    else addSteps(streams, row, { client, router });
  }
  return [...streams.values()];
}

function addSteps(
  streams: Map<string, BackendStep[]>,
  row: FrameRow,
  { client, router }: { readonly client: Transcript; readonly router: Transcript },
): void {
  const before = router.statements.length;
  const { lane, delivery } = router.position(row.channel);
  const octetsBefore = router.octets(lane, delivery);
  router.frame(row);
  if (row.performative.kind !== 'transfer') return;
  const at = router.position(row.channel);
  const name = `${at.lane}/${at.delivery}`;
  const steps = streams.get(name) ?? [];
  streams.set(name, steps);
  const isSame = at.lane === lane && at.delivery === delivery;
  const sent = router.octets(at.lane, at.delivery) - (isSame ? octetsBefore : 0);
  const said = router.statements.slice(before).join();
  const isEnd = said.includes(' end');
  if (sent > 0 || isEnd) steps.push(awaitStep(client, at));
  if (sent > 0) steps.push({ kind: 'send', octets: row.payload.subarray(-sent) });
  if (isEnd) steps.push({ kind: 'end' });
}

/** What the client had said when the router passed this on. */
function awaitStep(
  client: Transcript,
  at: { readonly lane: number; readonly delivery: number },
): BackendStep {
  const isEnded = client.statements.includes(`lane ${at.lane} delivery ${at.delivery} end`);
  return { kind: 'await', octets: client.octets(at.lane, at.delivery), isEnded };
}

/** Plays the steps of one stream on a connection. `reset`: its end is an RST. */
export function playBackend(socket: Socket, steps: readonly BackendStep[], reset: boolean): void {
  const left = [...steps];
  let received = 0;
  let isEnded = false;
  const advance = (): void => {
    for (;;) {
      const step = left[0];
      if (step === undefined) return;
      if (step.kind === 'await' && (received < step.octets || (step.isEnded && !isEnded))) return;
      left.shift();
      if (step.kind === 'send') socket.write(step.octets);
      if (step.kind === 'end' && reset) socket.resetAndDestroy();
      else if (step.kind === 'end') socket.end();
    }
  };
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    advance();
  });
  socket.on('end', () => {
    isEnded = true;
    advance();
  });
  advance();
}

import type { Flow, Performative } from '../../../src/network/amqp/codec/performatives.ts';
import { encodeOpening } from '../../../src/network/amqp/codec/stream-opening.ts';
import { PROTOCOL_HEADERS } from '../../../src/network/amqp/codec/frame.ts';
import { FrameClient, type FrameClientOptions } from '../routers/frame-client.ts';
import type { FrameRow, Row } from './recording.ts';
import { Transcript } from './transcript.ts';
import { waitUntil } from '../tools/wait-until.ts';

const OCTET_WINDOW = 1_042_432;
const DYNAMIC_ADDRESS = /amqp:\/_(?:topo\/0|edge)\/[^/]+\/temp\.[A-Za-z0-9_+-]{15}/;

export interface ReplayOptions {
  readonly link: FrameClientOptions;
  readonly rows: readonly Row[];
  /** The client's octets go right behind the opening, as recorded. */
  readonly sendsEarly: boolean;
  /** What happens in the network before the row of this number is expected. */
  readonly actions: ReadonlyMap<number, () => void | Promise<void>>;
  /** Statements of the recorded router that the replay does not wait for. */
  readonly isOptional: (statement: string) => boolean;
}

/**
 * Says a recording's client side to a router and gives what the router said. Octets are held back until
 * the response opening (router-stream-protocol.md 5), and the octet windows are kept; all else is as recorded.
 */
export class ReplayClient {
  /** What the router says. */
  readonly heard = new Transcript();
  readonly #options: ReplayOptions;
  readonly #client: FrameClient;
  /** What the recorded router has said up to the row in hand, and what we have said. */
  readonly #recorded = new Transcript();
  readonly #said = new Transcript();
  readonly #replyTo: string[] = [];
  readonly #sentTransfers = new Map<number, number>();
  readonly #heardTransfers = new Map<number, number>();
  #taken = 0;

  private constructor(client: FrameClient, options: ReplayOptions) {
    this.#client = client;
    this.#options = options;
  }

  static async run(options: ReplayOptions): Promise<Transcript> {
    using client = await FrameClient.connect(options.link);
    const replay = new ReplayClient(client, options);
    await replay.#play();
    return replay.heard;
  }

  async #play(): Promise<void> {
    for (const row of this.#options.rows) {
      await this.#act(row.n);
      if (row.direction === 'R>C') this.#expect(row);
      else await this.#say(row);
    }
    await this.#settled('the end');
  }

  async #act(n: number): Promise<void> {
    const action = this.#options.actions.get(n);
    if (action === undefined) return;
    await this.#settled(`the action at row ${n}`);
    await action();
  }

  #expect(row: Row): void {
    if (row.kind === 'header') this.#recorded.header(row.protocol);
    if (row.kind === 'fin') this.#recorded.fin();
    if (row.kind === 'frame') this.#recorded.frame(row);
  }

  async #say(row: Row): Promise<void> {
    await this.#settled(`row ${row.n}`);
    if (row.kind === 'header') this.#client.raw(PROTOCOL_HEADERS[row.protocol]);
    if (row.kind === 'fin') this.#client.end();
    if (row.kind === 'frame') await this.#sayFrame(row);
  }

  async #sayFrame(row: FrameRow): Promise<void> {
    const { channel, performative } = row;
    if (performative.kind === 'transfer' && (await this.#isUnsayable(row))) return;
    const payload = this.#addressed(row);
    this.#client.send(channel, this.#adapted(channel, performative), payload);
    if (!performative.kind.startsWith('sasl-'))
      this.#said.frame({ channel, performative, payload });
    if (performative.kind === 'begin') this.#sentTransfers.set(channel, 0);
    if (performative.kind === 'begin') this.#heardTransfers.set(channel, 0);
    if (performative.kind === 'transfer') count(this.#sentTransfers, channel);
  }

  /** Octets wait for the response opening and the octet window; without an opening they stay unsaid. */
  async #isUnsayable({ channel, performative, payload, n }: FrameRow): Promise<boolean> {
    if (performative.kind !== 'transfer' || performative.aborted === true) return false;
    if (this.#options.sendsEarly) return false;
    const { lane, delivery } = this.#said.position(channel);
    const isBody = performative.deliveryTag === undefined;
    if (!isBody || payload.length === 0 || !this.#opensLater(lane, delivery)) {
      return isBody && payload.length > 0;
    }
    await this.#until(`response opening and window for row ${n}`, () => {
      const unacknowledged =
        this.#said.octets(lane, delivery) + payload.length - this.heard.receivedOffset(lane);
      return this.heard.isOpened(lane, delivery) && unacknowledged <= OCTET_WINDOW;
    });
    return false;
  }

  #opensLater(lane: number, delivery: number): boolean {
    const whole = new Transcript();
    for (const row of this.#options.rows) {
      const isRouters = row.direction === 'R>C' && row.kind === 'frame';
      if (isRouters && !row.performative.kind.startsWith('sasl-')) whole.frame(row);
    }
    return whole.isOpened(lane, delivery);
  }

  #adapted(channel: number, performative: Performative): Performative {
    if (performative.kind === 'sasl-init') {
      return { kind: 'sasl-init', mechanism: 'EXTERNAL', initialResponse: Buffer.alloc(0) };
    }
    return performative.kind === 'flow' ? this.#currentFlow(channel, performative) : performative;
  }

  /** Frames are cut differently here, so the ids of a recorded flow would be wrong. */
  #currentFlow(channel: number, flow: Flow): Flow {
    const nextIncomingId = this.#heardTransfers.get(channel) ?? 0;
    const nextOutgoingId = this.#sentTransfers.get(channel) ?? 0;
    return { ...flow, nextIncomingId, nextOutgoingId };
  }

  /** The opening's reply-to becomes the address this router gave; same octets otherwise where they fit. */
  #addressed({ channel, payload, performative }: FrameRow): Buffer {
    if (performative.kind !== 'transfer' || performative.deliveryTag === undefined) return payload;
    const given = this.#replyTo[this.#said.position(channel).lane];
    const text = payload.toString('latin1');
    const recorded = DYNAMIC_ADDRESS.exec(text)?.[0];
    if (given === undefined || recorded === undefined) return payload;
    if (given.length === recorded.length)
      return Buffer.from(text.replace(recorded, given), 'latin1');
    const to = /\xa1.([a-z]+:\d+)/.exec(text)![1]!;
    const applicationProperties = new Map([['V', 1]]);
    return encodeOpening({ to, replyTo: given, correlationId: undefined, applicationProperties });
  }

  /** Everything the recorded router had said by now is heard, or more. */
  async #settled(where: string): Promise<void> {
    await this.#until(`the router's words before ${where}`, () => this.missing().length === 0);
  }

  /** Statements recorded so far and not heard. */
  missing(): readonly string[] {
    const left = [...this.heard.statements];
    const missing = this.#recorded.statements.filter((statement) => {
      if (this.#options.isOptional(statement)) return false;
      const at = left.indexOf(statement);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
    return [...missing, ...this.#missingOctets()];
  }

  #missingOctets(): readonly string[] {
    return this.#recorded.bodies().flatMap(({ name, octets }) => {
      const [lane, delivery] = name.match(/\d+/g)!.map(Number) as [number, number];
      const acknowledged = this.#said.receivedOffset(lane);
      const wanted = Math.min(octets.length, acknowledged + OCTET_WINDOW);
      const heard = this.heard.octets(lane, delivery);
      return heard >= wanted ? [] : [`${name}: ${heard} of ${wanted} octets`];
    });
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const check = (): boolean => {
      this.#listen();
      return condition();
    };
    try {
      await waitUntil(what, check);
    } catch (error) {
      const missing = this.missing().join('; ');
      throw new Error(`${(error as Error).message}\nmissing: ${missing}`, { cause: error });
    }
  }

  #listen(): void {
    const { arrivals } = this.#client;
    for (; this.#taken < arrivals.length; this.#taken += 1) {
      const arrival = arrivals[this.#taken]!;
      if (arrival.kind === 'header') this.heard.header(arrival.protocol);
      else if (arrival.kind === 'fin') this.heard.fin();
      else this.#hear({ ...arrival.frame, performative: arrival.frame.performative! });
    }
  }

  #hear(frame: { channel: number; performative: Performative; payload: Buffer }): void {
    this.heard.frame(frame);
    const { performative, channel } = frame;
    if (performative.kind === 'transfer') this.#refresh(channel);
    if (performative.kind !== 'attach' || performative.role) return;
    this.#replyTo[this.heard.position(channel).lane] = performative.source!.address!;
  }

  /** Keeps the session window open, since frames are cut differently than in the recording. */
  #refresh(channel: number): void {
    count(this.#heardTransfers, channel);
    if (this.#heardTransfers.get(channel)! % 32 !== 0) return;
    const window = { incomingWindow: 64, outgoingWindow: 2_147_483_647, nextOutgoingId: 0 };
    this.#client.send(channel, this.#currentFlow(channel, { kind: 'flow', ...window }));
  }
}

function count(counts: Map<number, number>, channel: number): void {
  counts.set(channel, (counts.get(channel) ?? 0) + 1);
}

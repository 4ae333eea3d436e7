import { DEADLINES } from '../../../src/core/deadlines.ts';
import { ChannelStream } from '../../../src/network/channel-stream.ts';
import type { Lane } from '../../../src/network/amqp/lane/lane.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { RecordedRouter } from './recorded-router.ts';
import type { FrameRow, Row } from './recording.ts';
import { Transcript } from './transcript.ts';
import { waitUntil } from '../tools/wait-until.ts';

/** Longer than any wait of a lane, shorter than what makes a router count as dead. */
const WAIT_OUT_MS = 5_001;

/** A lane of our client, and what the recorded client did with it: done once it is open. */
interface DrivenLane {
  readonly lane: ChannelStream;
  readonly channel: Lane;
  readonly routingKey: string;
  readonly waiting: (() => void)[];
  isOpen: boolean;
  /** The application's end was read. */
  isEnded: boolean;
}

/**
 * Runs our client through a recording: the router's frames are said to it, and what the recorded client's
 * user did (connect, write, end, give up) is done with its lanes. Gives both sides of the client.
 */
export class ReplayRouter {
  readonly recorded = new Transcript();
  readonly #clock = new FakeClock();
  readonly #router = new RecordedRouter(this.#clock);
  readonly #rows: readonly Row[];
  readonly #isOptional: (statement: string) => boolean;
  readonly #lanes: DrivenLane[] = [];

  private constructor(rows: readonly Row[], isOptional: (statement: string) => boolean) {
    this.#rows = rows;
    this.#isOptional = isOptional;
  }

  static async run(rows: readonly Row[], isOptional: (statement: string) => boolean) {
    const replay = new ReplayRouter(rows, isOptional);
    for (const row of rows) {
      if (row.direction === 'C>R') await replay.#drive(row);
      else await replay.#say(row);
    }
    await replay.#settled('the end');
    return { recorded: replay.recorded, actual: replay.#router.heard };
  }

  async #say(row: Row): Promise<void> {
    await this.#settled(`row ${row.n}`);
    if (row.kind === 'frame') {
      await waitUntil(`windows for row ${row.n}`, () => this.#router.maySay(row));
    }
    this.#router.say(row);
  }

  async #drive(row: Row): Promise<void> {
    if (row.kind === 'header') return this.recorded.header(row.protocol);
    if (row.kind !== 'frame') return;
    this.recorded.frame(row);
    const { kind } = row.performative;
    if (kind === 'begin') await this.#open(row);
    if (kind === 'transfer') await this.#use(row);
    if (kind === 'end') await this.#giveUp(this.recorded.position(row.channel).lane);
  }

  async #open(begin: FrameRow): Promise<void> {
    await this.#ready();
    this.#lanes.push(this.#laneTo(this.#routingKeyAfter(begin)));
  }

  /** The next stream of a lane: the client must take the links that the one before left. */
  async #openAgain(index: number): Promise<void> {
    const { lane, routingKey } = this.#lanes[index]!;
    await waitUntil('the end of the stream before', () => lane.closed);
    this.#lanes[index] = this.#laneTo(routingKey);
  }

  #laneTo(routingKey: string): DrivenLane {
    const driven: { -readonly [Key in keyof DrivenLane]: DrivenLane[Key] } = {
      lane: undefined as unknown as ChannelStream,
      channel: undefined as unknown as Lane,
      routingKey,
      waiting: [],
      isOpen: false,
      isEnded: false,
    };
    driven.channel = this.#router.connection.openLane({
      routingKey,
      allowHalfOpen: true,
      onOpen: (error) => {
        driven.isOpen = error === undefined;
        if (driven.isOpen) for (const action of driven.waiting.splice(0)) action();
      },
    })!;
    driven.lane = new ChannelStream(driven.channel);
    driven.lane.on('end', () => (driven.isEnded = true)).resume();
    return driven;
  }

  async #ready(): Promise<void> {
    await waitUntil('open connection', () => this.#router.connection.isOpen);
  }

  #routingKeyAfter({ n, channel }: FrameRow): string {
    for (const row of this.#rows) {
      if (row.n < n || row.kind !== 'frame' || row.channel !== channel) continue;
      const { performative } = row;
      if (performative.kind === 'attach' && !performative.role)
        return performative.target!.address!;
    }
    throw new Error(`no attach after row ${n}`);
  }

  /** Octets, FIN, or an abort of the client's own; how a stream is opened is the client's affair. */
  async #use({ channel, performative, payload }: FrameRow): Promise<void> {
    if (performative.kind !== 'transfer') return;
    const { lane: index, delivery } = this.recorded.position(channel);
    if (performative.deliveryTag !== undefined) {
      if (delivery > 0) await this.#openAgain(index);
      return;
    }
    const driven = this.#lanes[index]!;
    const use = (): void => {
      if (performative.aborted === true) driven.lane.destroy();
      else if (performative.more === true) driven.lane.write(payload);
      else driven.lane.end();
    };
    // An abort that answers a failure is made by the client itself.
    if (performative.aborted === true && this.#hasFailed(index)) return this.#failed(driven);
    if (driven.isOpen) use();
    else driven.waiting.push(use);
  }

  /** Of an opening that came back ours keeps the place for a while, and says the same then. */
  async #failed({ lane, channel }: DrivenLane): Promise<void> {
    await waitUntil('the failure of the lane', () => lane.destroyed);
    if (channel.hasComeBack) this.#clock.advance(DEADLINES.laneHeldMs);
  }

  #hasFailed(lane: number): boolean {
    const failure = new RegExp(`^lane ${lane} (outcome 0 (modified|released)|delivery 0 aborted)`);
    return this.#router.said.statements.some((statement) => failure.test(statement));
  }

  /** The recorded client ended the session: ours does after a failure, or when its waits run out. */
  async #giveUp(index: number): Promise<void> {
    await this.#settled('giving up', (statement) => !statement.endsWith(' end'));
    const driven = this.#lanes[index]!;
    const { lane } = driven;
    const isEndSaid = this.#router.said.statements.includes(`lane ${index} delivery 0 end`);
    if (isEndSaid) await waitUntil('end read', () => driven.isEnded || lane.destroyed);
    const isEnding = this.#hasFailed(index) || lane.destroyed;
    if (!isEnding) this.#clock.advance(WAIT_OUT_MS);
    lane.destroy();
    if (lane.writableEnded) this.#clock.advance(WAIT_OUT_MS);
  }

  async #settled(where: string, isMeant = (_statement: string): boolean => true): Promise<void> {
    const missing = () => [...this.#missing().filter(isMeant), ...this.#missingOctets()];
    try {
      await waitUntil(`the client's words before ${where}`, () => missing().length === 0);
    } catch (error) {
      throw new Error(`${(error as Error).message}\nmissing: ${missing().join('; ')}`, {
        cause: error,
      });
    }
  }

  #missing(): string[] {
    const left = [...this.#router.heard.statements];
    return this.recorded.statements.filter((statement) => {
      // What the client may not say before the response opening comes later, or never.
      if (this.#isOptional(statement) || this.#isUnsayable(statement)) return false;
      const at = left.indexOf(statement);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  }

  #isUnsayable(statement: string): boolean {
    const end = /^lane (\d+) delivery (\d+) end/.exec(statement);
    return end !== null && !this.#router.said.isOpened(Number(end[1]), Number(end[2]));
  }

  #missingOctets(): string[] {
    return this.recorded.bodies().flatMap(({ name, octets }) => {
      const [lane, delivery] = name.match(/\d+/g)!.map(Number) as [number, number];
      if (!this.#router.said.isOpened(lane, delivery)) return [];
      const acknowledged = this.#router.said.receivedOffset(lane);
      const wanted = Math.min(octets.length, acknowledged + 1_042_432);
      const heard = this.#router.heard.octets(lane, delivery);
      return heard >= wanted ? [] : [`${name}: ${heard} of ${wanted} octets`];
    });
  }
}
